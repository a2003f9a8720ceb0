/**
 * Recording eager ops into a function, op by op, while ordinary tensor code runs.
 *
 * @module
 */
import type { Attribute } from "./attributes.ts";
import type { Binding, Observer } from "./binding.ts";
import { ATTRIBUTE_TYPES, DTYPES } from "./dtype.ts";
import type { Operation } from "./execution.ts";
import { ATTRIBUTE_TENSOR, type Constant, type FunctionDef, type NodeDef } from "./function_def.ts";
import type { OpTable } from "./op_list.ts";
import type { TensorMetadata } from "./tensors.ts";

/** Constants above this size make every compiled signature carry a copy of what is probably a weight. */
export const LARGE_CONSTANT_BYTES = 100_000;

/** A recording in progress. */
export interface Recorder extends Observer {
  /** Ends the recording: the function that maps the inputs to these tensors. */
  readonly finish: (outputs: readonly number[]) => Omit<FunctionDef, "name" | "attributes">;
}

/** What a recording needs to know. */
export interface RecorderOptions {
  readonly name: string;
  readonly ops: OpTable;
  /** Different tensors, one per argument. */
  readonly inputs: readonly number[];
  /** Whether these values came to the backend since the recording began. */
  readonly isFresh: (values: ArrayBufferView) => boolean;
  readonly warn: (line: string) => void;
}

interface Graph {
  readonly nodes: NodeDef[];
  /** Where in the function each known tensor comes from. */
  readonly sources: Map<number, string>;
  readonly constants: Set<number>;
  /** Tensors that the function itself made from JavaScript numbers. */
  readonly madeInside: Set<number>;
}

/**
 * Starts a recording.
 *
 * Tensors that are neither inputs nor made by recorded ops become constants.
 *
 * @param binding The binding whose ops are watched.
 * @param options Name, inputs and op table.
 * @returns The recorder; give it to `binding.observe`.
 */
export function startRecorder(binding: Binding, options: RecorderOptions): Recorder {
  const sources = new Map(options.inputs.map((id, index) => [id, `input_${index}`]));
  const graph: Graph = { nodes: [], sources, constants: new Set(), madeInside: new Set() };
  const sourceOf = (id: number): string => graph.sources.get(id) ?? addConstant(binding, graph, id, options);
  return {
    executed: (operation, outputs) => {
      const inputs = operation.inputs.map(sourceOf);
      const attributes = [...operation.attributes, ...inferredTypes(binding, operation, options.ops)];
      const name = addNode(graph, { op: operation.name, inputs, attributes });
      outputNames(operation, outputs, options.ops).forEach((port, index) => {
        graph.sources.set((outputs[index] as TensorMetadata).id, `${name}:${port}`);
      });
    },
    created: (id, values) => {
      if (options.isFresh(values)) graph.madeInside.add(id);
    },
    read: (id) => {
      if (graph.sources.has(id) && !graph.constants.has(id)) {
        throw new Error(`jit ${options.name}: a tensor's values were read inside the function`);
      }
    },
    finish: (outputs) => ({
      inputs: options.inputs.map((id, index) => ({
        name: `input_${index}`,
        dtype: binding.tensors.describe(id).dtype,
      })),
      outputs: outputs.map((id, index) => {
        const { dtype } = binding.tensors.describe(id);
        return { name: `output_${index}`, dtype, source: resultSource(graph, sourceOf(id), dtype) };
      }),
      nodes: graph.nodes,
    }),
  };
}

function addNode(graph: Graph, node: Omit<NodeDef, "name">): string {
  const name = `node_${graph.nodes.length}`;
  graph.nodes.push({ name, ...node });
  return name;
}

function addConstant(binding: Binding, graph: Graph, id: number, options: RecorderOptions): string {
  const { dtype, shape } = binding.tensors.describe(id);
  const bytes = new Uint8Array(binding.tensors.read(id).buffer);
  if (bytes.byteLength > LARGE_CONSTANT_BYTES && !graph.madeInside.has(id)) {
    const what = `a tensor of shape [${shape.join(", ")}]`;
    options.warn(`jit ${options.name}: ${what} is no input and was compiled in as a constant; pass it in`);
  }
  const element = repeatedElement(bytes, shape);
  const source = element === null
    ? constantNode(graph, { dtype, shape, bytes })
    : filledNode(graph, { dtype, shape, bytes: element });
  graph.sources.set(id, source);
  graph.constants.add(id);
  return source;
}

/** The bytes of the one value that a larger constant repeats, as the ones of many gradients do; else null. */
function repeatedElement(bytes: Uint8Array, shape: readonly number[]): Uint8Array | null {
  const count = shape.reduce((product, side) => product * side, 1);
  if (count < 16) return null;
  const width = bytes.byteLength / count;
  for (let index = width; index < bytes.byteLength; index++) {
    if (bytes[index] !== bytes[index - width]) return null;
  }
  return bytes.slice(0, width);
}

function constantNode(graph: Graph, value: Constant): string {
  const attributes = [
    typeAttribute("dtype", value.dtype),
    { name: "value", type: ATTRIBUTE_TENSOR, value },
  ];
  return `${addNode(graph, { op: "Const", inputs: [], attributes })}:output:0`;
}

/** A constant of one repeated value: its size costs neither bytes nor compile time. */
function filledNode(graph: Graph, { dtype, shape, bytes }: Constant): string {
  const dimensions = new Uint8Array(Int32Array.from(shape).buffer);
  const inputs = [
    constantNode(graph, { dtype: DTYPES.TF_INT32, shape: [shape.length], bytes: dimensions }),
    constantNode(graph, { dtype, shape: [], bytes }),
  ];
  const attributes = [typeAttribute("T", dtype), typeAttribute("index_type", DTYPES.TF_INT32)];
  return `${addNode(graph, { op: "Fill", inputs, attributes })}:output:0`;
}

const typeAttribute = (name: string, dtype: number): Attribute => ({
  name,
  type: ATTRIBUTE_TYPES.TF_ATTR_TYPE,
  value: dtype,
});

/** A function's result must come from an op, so an input that is returned as it is goes through `Identity`. */
function resultSource(graph: Graph, source: string, dtype: number): string {
  if (source.includes(":")) return source;
  const attributes = [typeAttribute("T", dtype)];
  return `${addNode(graph, { op: "Identity", inputs: [source], attributes })}:output:0`;
}

/** Eager ops take a missing type from their inputs; a function's node has to name it. */
function inferredTypes(binding: Binding, operation: Operation, ops: OpTable): readonly Attribute[] {
  const known = new Set(operation.attributes.map(({ name }) => name));
  return (ops.get(operation.name)?.inputTypes ?? []).flatMap((name, index) => {
    const input = operation.inputs[index];
    if (name === "" || known.has(name) || input === undefined) return [];
    known.add(name);
    return [typeAttribute(name, binding.tensors.describe(input).dtype)];
  });
}

/** One output name may stand for a list; several names stand for one tensor each. */
function outputNames(
  operation: Operation,
  outputs: readonly TensorMetadata[],
  ops: OpTable,
): readonly string[] {
  const names = ops.get(operation.name)?.outputs;
  if (names === undefined) throw new Error(`op ${operation.name} is not known to this TensorFlow`);
  if (names.length === 1) return outputs.map((_, index) => `${names[0]}:${index}`);
  if (names.length !== outputs.length) {
    throw new Error(`op ${operation.name} with several lists of outputs can't be compiled`);
  }
  return names.map((name) => `${name}:0`);
}
