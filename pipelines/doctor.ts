/**
 * `deno task doctor`: which backends load on this machine, why the others don't, and how fast they are.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { field } from "../lib/config/field.ts";
import type { Clock, HasClock, HasLog, Log } from "../lib/core/capability.ts";
import type { Stage } from "../lib/core/stage.ts";
import { runCommand } from "../lib/run/command.ts";
import type { BackendName } from "../lib/tensor/backend.ts";

/** Below this speed the transformer is not measured: it would take minutes. */
const MIN_GFLOPS = 4;

const SPEC = {
  name: "doctor",
  summary: "show which tensor backends load here, and measure them",
  options: { lib: field.text({ default: "", doc: "The folder of TensorFlow's libraries to try." }) },
};

/** What was found out about a backend. */
interface Finding {
  readonly name: BackendName;
  /** Its description, or why it can't be opened. */
  readonly remark: string;
  /** Milliseconds; absent where not measured. */
  readonly matmul?: number;
  readonly forward?: number;
  readonly train?: number;
}

const MATMUL_GFLOP = 2 * 1024 ** 3 / 1e9;

const cell = (milliseconds: number | undefined, gflop: number): string =>
  milliseconds === undefined
    ? "-"
    : `${milliseconds.toFixed(milliseconds < 100 ? 1 : 0)} ms, ${
      (gflop / milliseconds * 1e3).toFixed(0)
    } GFLOP/s`;

/**
 * Formats one line of the report.
 *
 * @param finding What was found out.
 * @param forwardGflop The arithmetic of the transformer's forward pass; training counts three times that.
 * @returns Name, matrix product, forward pass, training step, remark.
 */
export function findingLine(finding: Finding, forwardGflop: number): string {
  const { name, matmul, forward, train, remark } = finding;
  if (matmul === undefined) return `${name.padEnd(11)} not available: ${remark}`;
  const cells = [cell(matmul, MATMUL_GFLOP), cell(forward, forwardGflop), cell(train, 3 * forwardGflop)];
  return [name.padEnd(11), ...cells.map((text) => text.padEnd(25)), remark].join("");
}

/** The best of up to six runs within two seconds, after one that may have to compile. */
function best(clock: Clock, work: () => void): number {
  work();
  let shortest = Infinity;
  const end = clock.now() + 2000;
  for (let run = 0; run < 6 && (run === 0 || clock.now() < end); run++) {
    const start = clock.now();
    work();
    shortest = Math.min(shortest, clock.now() - start);
  }
  return shortest;
}

async function examine(
  name: BackendName,
  libraryFolder: string | undefined,
  clock: Clock,
  log: Log,
): Promise<Finding> {
  const { openBackend } = await import("../lib/tensor/backend.ts");
  const { tf } = await import("../lib/tensor/tf.ts");
  const { makeWorkload } = await import("../lib/tensor/workload.ts");
  const opened = await openBackend({ device: name, libraryFolder })({ log: { ...log, info: () => {} } })();
  if (E.isLeft(opened)) {
    return {
      name,
      remark: opened.left._tag === "BackendUnavailable" ? opened.left.problem : opened.left._tag,
    };
  }
  const remark = opened.right.description;
  log.progress(`measuring ${name}`);
  const a = tf.ones([1024, 1024]).as2D(1024, 1024);
  const matmul = best(clock, () => tf.tidy(() => tf.slice(tf.matMul(a, a), 0, 1).dataSync()));
  a.dispose();
  if (MATMUL_GFLOP / matmul * 1e3 < MIN_GFLOPS) return { name, remark, matmul };
  const workload = makeWorkload();
  const forward = best(clock, workload.forward);
  const train = best(clock, workload.trainStep);
  workload.dispose();
  return { name, remark, matmul, forward, train };
}

/**
 * Opens and measures every backend.
 *
 * @param libraryFolder The folder of TensorFlow's libraries, if not the usual one.
 * @returns Exit code 0 if at least one backend loads, else 1.
 */
export function diagnose(libraryFolder?: string): Stage<HasLog & HasClock, number> {
  return ({ log, clock }) => async () => {
    const { BACKEND_ORDER } = await import("../lib/tensor/backend.ts");
    const { forwardFlops, STANDARD_SHAPE } = await import("../lib/tensor/workload.ts");
    const titles = ["matrix product 1024³", "transformer forward", "training step"];
    log.info(["backend".padEnd(11), ...titles.map((title) => title.padEnd(25))].join(""));
    let available = 0;
    for (const name of BACKEND_ORDER) {
      const finding = await examine(name, libraryFolder, clock, log);
      if (finding.matmul !== undefined) available++;
      log.info(findingLine(finding, forwardFlops(STANDARD_SHAPE) / 1e9));
    }
    return E.right(available > 0 ? 0 : 1);
  };
}

if (import.meta.main) {
  await runCommand(SPEC, ({ options: { lib } }) => diagnose(lib === "" ? undefined : lib));
}
