/**
 * `deno task doctor`: which backends load on this machine, why the others don't, and how fast they are.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { field } from "../lib/config/field.ts";
import type { Clock, HasClock, HasLog, HasOutput, Log } from "../lib/core/capability.ts";
import type { PipelineError } from "../lib/core/error.ts";
import type { Stage } from "../lib/core/stage.ts";
import { runCommand } from "../lib/run/command.ts";
import type { Backend, BackendName } from "../lib/tensor/backend.ts";

/** Below this speed the transformer is not measured: it would take minutes. */
const MIN_GFLOPS = 4;

const SPEC = {
  name: "doctor",
  summary: "show which tensor backends load here, and measure them",
  options: {
    lib: field.path("read", { default: "", doc: "The folder of TensorFlow's libraries to try." }),
    only: field.choice(["all", "tensorflow", "webgpu", "wasm", "cpu"], {
      default: "all",
      doc: "Measure one backend and print the numbers as JSON.",
    }),
  },
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

/**
 * Describes a backend that loads.
 *
 * @param backend The opened backend.
 * @returns Its description; that `auto` leaves a software adapter out is said, too.
 */
export function remarkOn({ name, description, isGpu }: Backend): string {
  return name === "webgpu" && !isGpu ? `${description}: only by device: webgpu, never by auto` : description;
}

const reasonOf = (error: PipelineError): string =>
  error._tag === "BackendUnavailable" ? `${error.problem}; ${error.remedy}` : error._tag;

/** Opens and measures one backend in this process. */
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
  if (E.isLeft(opened)) return { name, remark: reasonOf(opened.left) };
  const remark = remarkOn(opened.right);
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

/** Examines a backend in a process of its own: drivers clash, and a crash is a finding, too. */
async function examineApart(name: BackendName, libraryFolder: string | undefined): Promise<Finding> {
  const script = decodeURIComponent(new URL(import.meta.url).pathname);
  const lib = libraryFolder === undefined ? [] : ["--lib", libraryFolder];
  const args = ["run", "--node-modules-dir=none", "-A", script, "--only", name, ...lib];
  const { code, stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "null" }).output();
  const line = new TextDecoder().decode(stdout).trim().split("\n").at(-1) ?? "";
  return line.startsWith("{")
    ? JSON.parse(line) as Finding
    : { name, remark: `its process ended with code ${code}` };
}

/**
 * Opens and measures every backend.
 *
 * @param libraryFolder The folder of TensorFlow's libraries, if not the usual one.
 * @returns Exit code 0 if at least one backend loads, else 1.
 */
export function diagnose(libraryFolder?: string): Stage<HasLog & HasOutput, number> {
  return ({ log, output }) => async () => {
    const { BACKEND_ORDER } = await import("../lib/tensor/backend.ts");
    const { forwardFlops, STANDARD_SHAPE } = await import("../lib/tensor/workload.ts");
    const titles = ["matrix product 1024³", "transformer forward", "training step"];
    output(["backend".padEnd(11), ...titles.map((title) => title.padEnd(25))].join(""));
    let available = 0;
    for (const name of BACKEND_ORDER) {
      log.progress(`measuring ${name}`);
      const finding = await examineApart(name, libraryFolder);
      if (finding.matmul !== undefined) available++;
      output(findingLine(finding, forwardFlops(STANDARD_SHAPE) / 1e9));
    }
    return E.right(available > 0 ? 0 : 1);
  };
}

/** What the process of {@link examineApart} prints. */
function reportOne(
  name: BackendName,
  libraryFolder: string | undefined,
): Stage<HasLog & HasOutput & HasClock, void> {
  return ({ log, output, clock }) => async () => {
    output(JSON.stringify(await examine(name, libraryFolder, clock, log)));
    return E.right(undefined);
  };
}

if (import.meta.main) {
  await runCommand<typeof SPEC["options"], Record<never, never>>(SPEC, ({ options: { lib, only } }) => {
    const libraryFolder = lib === "" ? undefined : lib;
    return only === "all" ? diagnose(libraryFolder) : reportOne(only, libraryFolder);
  });
}
