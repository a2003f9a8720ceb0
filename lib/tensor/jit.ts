/**
 * `jit`: ordinary tensor code, compiled where the backend can.
 *
 * A jitted function takes and returns trees. On a backend with a compiler it is traced once per signature (names,
 * shapes, dtypes) and replayed as one call; elsewhere it just runs. It must be a pure tensor function: no `dataSync`, no
 * random ops, no branch on tensor values, and every number that changes between calls must come in as a tensor.
 *
 * @module
 */
import { flatten, type Structure, type Tree, unflatten } from "./tree.ts";
import { tf } from "./tf.ts";

/** A flat tensor function. */
export type TensorFunction = (inputs: readonly tf.Tensor[]) => tf.Tensor[];

/** What a backend offers to compile functions: traces `body` on `examples` and returns the replay. */
export interface Compiler {
  readonly compile: (name: string, body: TensorFunction, examples: readonly tf.Tensor[]) => TensorFunction;
  /** The same, compiled on another thread from now on: the replay, and what the trace computed. Absent: not at all. */
  readonly ahead?: (
    name: string,
    body: TensorFunction,
    examples: readonly tf.Tensor[],
  ) => { readonly run: TensorFunction; readonly outputs: tf.Tensor[] };
  /** Whether a call just runs now, as a part of another function; absent: never. */
  readonly inlines?: () => boolean;
}

/** One compiled signature, for the log. */
export interface CompiledSignature {
  readonly name: string;
  /** Names, shapes and types of the arguments. */
  readonly signature: string;
  /** The trace, and the first run, which compiles or waits for the thread that does. */
  readonly seconds: number;
}

interface Entry {
  readonly run: TensorFunction;
  readonly output: { structure: Structure | null };
  /** Seconds of the trace until it has run by itself, then `null`: it is in the list. */
  traced: number | null;
  /** Whether another thread may still compile it. */
  pending: boolean;
}

interface Call {
  readonly name: string;
  readonly leaves: readonly tf.Tensor[];
  readonly structure: Structure;
}

let compiler: Compiler | null = null;
let generation = 0;
let isAhead = false;
const compiled: CompiledSignature[] = [];

/** Sets the compiler of the active backend; `null` runs jitted functions as they are. */
export function setCompiler(next: Compiler | null): void {
  compiler = next;
  generation++;
}

/**
 * Lists what was compiled so far in this process.
 *
 * @returns Name, signature and seconds, oldest first; what only ran inside other functions is not among them.
 */
export function compiledSignatures(): readonly CompiledSignature[] {
  return compiled;
}

/**
 * Says whether {@link ahead} saves time: whether the active backend compiles on other threads.
 *
 * @returns Whether it does.
 */
export function compilesAhead(): boolean {
  return compiler?.ahead !== undefined;
}

/**
 * Starts to compile what a piece of code calls, on other threads, while this one goes on.
 *
 * Functions that are not compiled yet are traced, which computes their results, too; while they are being compiled they run op
 * by op. The next call outside waits for the code. Where nothing compiles on other threads, the code just runs.
 *
 * @param body Calls jitted functions; frees their results.
 * @returns What the code returns.
 */
export function ahead<A>(body: () => A): A {
  const before = isAhead;
  isAhead = true;
  try {
    return body();
  } finally {
    isAhead = before;
  }
}

const signatureOf = (structure: Structure, leaves: readonly tf.Tensor[]): string =>
  `${JSON.stringify(structure)} ${leaves.map((leaf) => `${leaf.dtype}[${leaf.shape}]`).join(" ")}`;

/**
 * Makes a function that the backend may compile.
 *
 * @param name What the log calls it.
 * @param body A pure tensor function from trees to a tree of fresh tensors; it frees nothing itself.
 * @returns The same function; it frees its intermediates, the caller owns the result.
 */
export function jit<A extends readonly Tree[], R extends Tree>(
  name: string,
  body: (...inputs: A) => R,
): (...inputs: A) => R {
  const cache = new Map<string, Entry>();
  let seen = generation;
  return (...inputs) => {
    if (compiler === null) return tf.tidy(() => body(...inputs) as tf.TensorContainer) as R;
    if (seen !== generation) {
      cache.clear();
      seen = generation;
    }
    const { leaves, structure } = flatten(inputs);
    const signature = signatureOf(structure, leaves);
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1000;
    const alone = !(compiler.inlines?.() ?? false);
    const known = cache.get(signature);
    if (known === undefined && isAhead && alone && compiler.ahead !== undefined) {
      const { entry, outputs } = startEntry(body, compiler.ahead, { name, leaves, structure });
      cache.set(signature, { ...entry, traced: seconds() });
      return unflatten(entry.output.structure as Structure, outputs) as R;
    }
    if (known !== undefined && isAhead && known.pending) {
      return tf.tidy(() => body(...inputs) as tf.TensorContainer) as R;
    }
    const entry = known ?? compileEntry(body, compiler, { name, leaves, structure });
    cache.set(signature, entry);
    const outputs = entry.run(leaves);
    if (alone && entry.traced !== null) {
      compiled.push({ name, signature, seconds: entry.traced + seconds() });
      entry.traced = null;
    }
    entry.pending = false;
    return unflatten(entry.output.structure as Structure, outputs) as R;
  };
}

/** The function on flat lists; notes the structure of its result where it is traced. */
function flatBody<A extends readonly Tree[], R extends Tree>(
  body: (...inputs: A) => R,
  structure: Structure,
): { readonly flat: TensorFunction; readonly output: Entry["output"] } {
  const output: Entry["output"] = { structure: null };
  const flat: TensorFunction = (leaves) => {
    const result = flatten(body(...(unflatten(structure, leaves) as unknown as A)));
    output.structure = result.structure;
    return result.leaves;
  };
  return { flat, output };
}

function compileEntry<A extends readonly Tree[], R extends Tree>(
  body: (...inputs: A) => R,
  using: Compiler,
  { name, leaves, structure }: Call,
): Entry {
  const { flat, output } = flatBody(body, structure);
  return { run: using.compile(name, flat, leaves), output, traced: 0, pending: false };
}

function startEntry<A extends readonly Tree[], R extends Tree>(
  body: (...inputs: A) => R,
  start: NonNullable<Compiler["ahead"]>,
  { name, leaves, structure }: Call,
): { readonly entry: Entry; readonly outputs: tf.Tensor[] } {
  const { flat, output } = flatBody(body, structure);
  const { run, outputs } = start(name, flat, leaves);
  return { entry: { run, output, traced: 0, pending: true }, outputs };
}

/**
 * Sums compiled signatures up, for the log of a run.
 *
 * @param signatures From {@link compiledSignatures}.
 * @returns Count and seconds in all, then one line per function, the longest first; the number of its signatures behind ×.
 *
 * @example
 * ```ts
 * import { compiledSummary } from "./jit.ts";
 * import assert from "node:assert/strict";
 * const steps = [1, 2].map((rows) => ({ name: "text step", signature: `[${rows}]`, seconds: 0.25 }));
 * assert.equal(compiledSummary(steps), "2 signatures compiled in 0.5 s\n  text step × 2: 0.5 s");
 * ```
 */
export function compiledSummary(signatures: readonly CompiledSignature[]): string {
  const sum = (part: readonly CompiledSignature[]): number =>
    part.reduce((all, { seconds }) => all + seconds, 0);
  const text = (part: readonly CompiledSignature[]): string => `${sum(part).toFixed(1)} s`;
  const functions = [...Map.groupBy(signatures, ({ name }) => name)].sort(([, a], [, b]) => sum(b) - sum(a));
  return [
    `${signatures.length} signatures compiled in ${text(signatures)}`,
    ...functions.map(([name, part]) => `  ${name} × ${part.length}: ${text(part)}`),
  ].join("\n");
}
