/**
 * Recording eager ops into a function, op by op, while ordinary tensor code runs.
 *
 * @module
 */
import type { Binding, Observer } from "./binding.ts";
import { ATTRIBUTE_TYPES } from "./dtype.ts";
import type { Operation } from "./execution.ts";
import { ATTRIBUTE_TENSOR, type FunctionDef, type NodeDef } from "./function_def.ts";
import type { OpOutputs } from "./op_list.ts";
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
  readonly opOutputs: OpOutputs;
  /** Different tensors, one per argument. */
  readonly inputs: readonly number[];
  readonly warn: (line: string) => void;
}

interface Graph {
  readonly nodes: NodeDef[];
  /** Where in the function each known tensor comes from. */
  readonly sources: Map<number, string>;
  readonly constants: Set<number>;
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
  const graph: Graph = { nodes: [], sources, constants: new Set() };
  const sourceOf = (id: number): string => graph.sources.get(id) ?? addConstant(binding, graph, id, options);
  return {
    executed: (operation, outputs) => {
      const inputs = operation.inputs.map(sourceOf);
      const name = addNode(graph, { op: operation.name, inputs, attributes: [...operation.attributes] });
      outputNames(operation, outputs, options.opOutputs).forEach((port, index) => {
        graph.sources.set((outputs[index] as TensorMetadata).id, `${name}:${port}`);
      });
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
  const values = binding.tensors.read(id);
  if (values.byteLength > LARGE_CONSTANT_BYTES) {
    options.warn(
      `jit ${options.name}: a tensor of shape [${
        shape.join(", ")
      }] is no input and was compiled in as a constant;` +
        " pass it in",
    );
  }
  const value = { dtype, shape, bytes: new Uint8Array(values.buffer) };
  const name = addNode(graph, {
    op: "Const",
    inputs: [],
    attributes: [
      { name: "dtype", type: ATTRIBUTE_TYPES.TF_ATTR_TYPE, value: dtype },
      { name: "value", type: ATTRIBUTE_TENSOR, value },
    ],
  });
  const source = `${name}:output:0`;
  graph.sources.set(id, source);
  graph.constants.add(id);
  return source;
}

/** A function's result must come from an op, so an input that is returned as it is goes through `Identity`. */
function resultSource(graph: Graph, source: string, dtype: number): string {
  if (source.includes(":")) return source;
  const attributes = [{ name: "T", type: ATTRIBUTE_TYPES.TF_ATTR_TYPE, value: dtype }];
  return `${addNode(graph, { op: "Identity", inputs: [source], attributes })}:output:0`;
}

/** One output name may stand for a list; several names stand for one tensor each. */
function outputNames(
  operation: Operation,
  outputs: readonly TensorMetadata[],
  opOutputs: OpOutputs,
): readonly string[] {
  const names = opOutputs.get(operation.name);
  if (names === undefined) throw new Error(`op ${operation.name} is not known to this TensorFlow`);
  if (names.length === 1) return outputs.map((_, index) => `${names[0]}:${index}`);
  if (names.length !== outputs.length) {
    throw new Error(`op ${operation.name} with several lists of outputs can't be compiled`);
  }
  return names.map((name) => `${name}:0`);
}
