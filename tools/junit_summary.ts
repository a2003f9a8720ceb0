/**
 * `junit_summary.ts <file> [failed checks] [passed checks]`: the closing line of CI, `N passed, N failed`.
 *
 * @module
 */

/** How many tests passed and failed. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
}

/** Counts the tests of a JUnit file: steps count, the groups around them do not, skipped ones neither. */
export function countTests(xml: string): TestCounts {
  const cases = [...xml.matchAll(/<testcase name="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g)]
    .map(([, name = "", body = ""]) => ({ name, body }));
  const groups = new Set(cases.flatMap(({ name }) => {
    const parts = name.split(" &gt; ");
    return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join(" &gt; "));
  }));
  const tests = cases.filter(({ name, body }) => !groups.has(name) && !body.includes("<skipped"));
  const failed = tests.filter(({ body }) => /<(?:failure|error)/.test(body)).length;
  return { passed: tests.length - failed, failed };
}

if (import.meta.main) {
  const [file = "", failedChecks = "0", passedChecks = "0"] = Deno.args;
  const { passed, failed } = countTests(await Deno.readTextFile(file).catch(() => ""));
  console.log(`${passed + Number(passedChecks)} passed, ${failed + Number(failedChecks)} failed`);
}
