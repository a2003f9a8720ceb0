/**
 * The native side of `jit`: runs a function once, records it, and replays it as one TensorFlow function, which XLA
 * compiles.
 *
 * @module
 */
import type { Compiler, TensorFunction } from "../jit.ts";
import { tf } from "../tf.ts";
import type { Attribute } from "./attributes.ts";
import type { Binding } from "./binding.ts";
import type { Operation } from "./execution.ts";
import { ATTRIBUTE_TYPES } from "./dtype.ts";
import { type FunctionDef, writeFunctionDef } from "./function_def.ts";
import type { NodeBackend } from "./node_backend.ts";
import { opListBytes, type OpTable, readOpList } from "./op_list.ts";
import { fingerprint } from "./fingerprint.ts";
import { startRecorder } from "./recorder.ts";

/** How compiled functions run. */
export interface CompilerOptions {
  /** Compile with XLA; else TensorFlow runs the recorded graph op by op. */
  readonly xla: boolean;
  /** Receives each warning once per function. */
  readonly warn: (line: string) => void;
}

type Recorded = Omit<FunctionDef, "name" | "attributes">;

const XLA: Attribute = { name: "_XlaMustCompile", type: ATTRIBUTE_TYPES.TF_ATTR_BOOL, value: true };

/**
 * Makes the compiler of the native backend.
 *
 * Inside another compiled function, and while ops are taped for gradients, a function just runs: it becomes part of the
 * outer one. Where XLA can't compile a function, it runs as a graph and a warning says so.
 *
 * @param backend The backend of TensorFlow.js.
 * @param binding What it runs on.
 * @param options How functions run.
 * @returns The compiler for `setCompiler`.
 */
export function makeCompiler(backend: NodeBackend, binding: Binding, options: CompilerOptions): Compiler {
  let ops: OpTable | null = null;
  const trace = (name: string, body: TensorFunction, examples: readonly tf.Tensor[]): Traced => {
    ops ??= readOpList(opListBytes(binding.session));
    const { recorded, outputs } = record({ backend, binding, ops, name, warn: options.warn }, body, examples);
    return { ...replayOf(backend, binding, { name, recorded, options }), outputs };
  };
  const makeReplay = (...call: Parameters<typeof trace>): TensorFunction => {
    const { run, outputs } = trace(...call);
    tf.dispose(outputs);
    return run;
  };
  const mustInline = (): boolean => {
    const { gradientDepth, kernelDepth } = tf.engine().state;
    return binding.observed() || gradientDepth > 0 && kernelDepth === 0;
  };
  return {
    inlines: mustInline,
    compile: (name, body, examples) => {
      let replay = mustInline() ? null : makeReplay(name, body, examples);
      return (inputs) => {
        if (mustInline()) return runInline(body, inputs);
        replay ??= makeReplay(name, body, inputs);
        return replay(inputs);
      };
    },
    ahead: (name, body, examples) => {
      const { run, native, outputs } = trace(name, body, examples);
      const inputs = backend.getInputTensorIds(examples);
      // What XLA refuses fails again, and is mended, when the function is first called.
      binding.rehearse({ ...native, inputs, numOutputs: outputs.length }).catch(() => {});
      return { run, outputs };
    },
  };
}

/** A replay, the op that it runs first, and what the trace computed. */
interface Traced {
  readonly run: TensorFunction;
  readonly native: Pick<Operation, "name" | "attributes">;
  readonly outputs: tf.Tensor[];
}

/** Like a compiled function, never returns an input itself. */
function runInline(body: TensorFunction, inputs: readonly tf.Tensor[]): tf.Tensor[] {
  return tf.tidy(() => body(inputs).map((output) => inputs.includes(output) ? tf.clone(output) : output));
}

interface Recording {
  readonly backend: NodeBackend;
  readonly binding: Binding;
  readonly ops: OpTable;
  readonly name: string;
  readonly warn: (line: string) => void;
}

/** Runs the body once on copies that share nothing, so that equal inputs stay separate arguments. */
function record(
  recording: Recording,
  body: TensorFunction,
  examples: readonly tf.Tensor[],
): { readonly recorded: Recorded; readonly outputs: tf.Tensor[] } {
  const { backend, binding, name, ops, warn } = recording;
  let recorded: Recorded | null = null;
  const outputs = tf.tidy(() => {
    const inputs = separate(backend, examples);
    const ids = backend.getInputTensorIds(inputs);
    const { isFresh, stop } = watchWrites(backend);
    const recorder = startRecorder(binding, { name, ops, warn, inputs: ids, isFresh });
    const before = binding.observe(recorder);
    let outputs: tf.Tensor[];
    try {
      outputs = body(inputs);
      recorded = recorder.finish(backend.getInputTensorIds(outputs));
    } finally {
      binding.observe(before);
      stop();
    }
    return outputs.map((output) => inputs.includes(output) ? tf.clone(output) : output);
  });
  return { recorded: recorded as unknown as Recorded, outputs };
}

/** Tells values written from now on from those of tensors that exist already but were never used in an op. */
function watchWrites(backend: NodeBackend): {
  readonly isFresh: (values: ArrayBufferView) => boolean;
  readonly stop: () => void;
} {
  const fresh = new WeakSet<ArrayBufferView>();
  const { write } = backend;
  backend.write = (values, shape, dtype) => {
    fresh.add(values);
    return write.call(backend, values, shape, dtype);
  };
  return { isFresh: (values) => fresh.has(values), stop: () => backend.write = write };
}

function separate(backend: NodeBackend, examples: readonly tf.Tensor[]): tf.Tensor[] {
  const seen = new Set<object>();
  return examples.map((example) => {
    if (seen.has(example.dataId)) {
      const T = {
        name: "T",
        type: ATTRIBUTE_TYPES.TF_ATTR_TYPE,
        value: backend.getDTypeInteger(example.dtype),
      };
      return backend.executeMultipleOutputs("Identity", [T], [example], 1)[0] as tf.Tensor;
    }
    seen.add(example.dataId);
    return example;
  });
}

function addFunction(
  binding: Binding,
  name: string,
  recorded: Recorded,
  attributes: readonly Attribute[],
): string {
  const { symbols, context, status, check } = binding.session;
  const plain = `jit_${name.replace(/[^A-Za-z0-9_]/g, "_")}`;
  // Named by its content: what XLA made of it in an earlier process is found by name.
  const unique = `${plain}_${fingerprint(writeFunctionDef({ ...recorded, name: plain, attributes }))}`;
  const bytes = writeFunctionDef({ ...recorded, name: unique, attributes });
  symbols.TFE_ContextAddFunctionDef(context, bytes, BigInt(bytes.length), status);
  check();
  return unique;
}

function replayOf(
  backend: NodeBackend,
  binding: Binding,
  { name, recorded, options }: {
    readonly name: string;
    readonly recorded: Recorded;
    readonly options: CompilerOptions;
  },
): Omit<Traced, "outputs"> {
  const numOutputs = recorded.outputs.length;
  let attributes: readonly Attribute[] = options.xla ? [XLA] : [];
  let native = addFunction(binding, name, recorded, attributes);
  const first = { name: native, attributes };
  let fallback: Recorded | null = options.xla ? recorded : null;
  const run: TensorFunction = (inputs) =>
    backend.executeMultipleOutputs(native, attributes, inputs, numOutputs);
  const replay: TensorFunction = (inputs) => {
    if (fallback === null) return run(inputs);
    const graph = fallback;
    fallback = null;
    try {
      return run(inputs);
    } catch (thrown) {
      options.warn(`jit ${name}: XLA can't compile this function, it runs as a graph (${firstLine(thrown)})`);
      attributes = [];
      native = addFunction(binding, name, graph, attributes);
      return run(inputs);
    }
  };
  return { run: replay, native: first };
}

const firstLine = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message : String(thrown)).split("\n", 1)[0] ?? "";
