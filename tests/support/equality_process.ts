/**
 * A process that compares WebGPU with plain JavaScript and prints the outcome as one line of JSON. TensorFlow and WebGPU
 * can't share a process, and tests share theirs.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { openBackend } from "../../lib/tensor/backend.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { computeCases, relativeError } from "./equality_cases.ts";

/** What the process prints. */
export interface EqualityOutcome {
  /** Why WebGPU could not be opened; the rest is absent then. */
  readonly refused?: { readonly problem: string; readonly remedy: string };
  readonly description?: string;
  /** The largest error of each case. */
  readonly errors?: Readonly<Record<string, number>>;
  /** The cases that gave other bits the second time. */
  readonly unsteady?: readonly string[];
  /** Tensors that the cases left behind. */
  readonly leaked?: number;
}

const silent = { info: () => {}, warn: () => {}, progress: () => {} };

async function compare(): Promise<EqualityOutcome> {
  const opened = await openBackend({ device: "webgpu" })({ log: silent })();
  if (E.isLeft(opened)) {
    if (opened.left._tag !== "BackendUnavailable") throw new Error(opened.left._tag);
    return { refused: { problem: opened.left.problem, remedy: opened.left.remedy } };
  }
  // The package would compute small things on the host.
  tf.env().set("WEBGPU_CPU_FORWARD", false);
  const before = tf.memory().numTensors;
  const [found, again] = [computeCases(), computeCases()];
  const leaked = tf.memory().numTensors - before;
  await openBackend({ device: "cpu" })({ log: silent })();
  const expected = computeCases();
  const names = Object.keys(expected);
  const error = (name: string): number => relativeError(found[name] ?? [], expected[name] ?? []);
  return {
    description: opened.right.description,
    errors: Object.fromEntries(names.map((name) => [name, error(name)])),
    unsteady: names.filter((name) => found[name]?.some((value, at) => value !== again[name]?.[at])),
    leaked,
  };
}

if (import.meta.main) console.log(JSON.stringify(await compare()));
