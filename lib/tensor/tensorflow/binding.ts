/**
 * The object that `@tensorflow/tfjs-node-gpu`'s kernels run on, in place of its compiled add-on.
 *
 * @module
 */
import type { Attribute } from "./attributes.ts";
import { ATTRIBUTE_TYPES, DTYPES, type Values } from "./dtype.ts";
import { type Execution, openExecution, type Operation } from "./execution.ts";
import { openSession, type Session } from "./session.ts";
import { openTensors, type TensorMetadata, type TensorTable } from "./tensors.ts";

/** Watches ops while a function is traced. */
export interface Observer {
  readonly executed: (operation: Operation, outputs: readonly TensorMetadata[]) => void;
  /** Called after values came to TensorFlow. */
  readonly created: (id: number, values: ArrayBufferView) => void;
  /** Called before values leave TensorFlow. */
  readonly read: (id: number) => void;
}

/** The add-on's interface, and what lies below it. */
export type Binding = typeof DTYPES & typeof ATTRIBUTE_TYPES & {
  readonly session: Session;
  readonly tensors: TensorTable;
  /** Replaces the observer and returns the one before. */
  readonly observe: (observer: Observer | null) => Observer | null;
  readonly observed: () => boolean;
  readonly rehearse: Execution["rehearse"];

  readonly TF_Version: string;
  readonly createTensor: (shape: number[], dtype: number, values: ArrayBufferView) => number;
  readonly deleteTensor: (id: number) => void;
  readonly tensorDataSync: (id: number) => Values;
  readonly executeOp: (
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    numOutputs: number,
  ) => TensorMetadata[];
  readonly isUsingGpuDevice: () => boolean;
  readonly getNumOfTensors: () => number;
  readonly getNumOfSavedModels: () => number;
};

/**
 * Opens TensorFlow's library and offers it under the add-on's interface.
 *
 * @param folder The folder of the libraries.
 * @param config A serialised `ConfigProto`, or nothing.
 * @returns The binding; throws if the library can't be loaded.
 */
export function openBinding(folder: string, config?: Uint8Array<ArrayBuffer>): Binding {
  const session = openSession(folder, config);
  const tensors = openTensors(session);
  const execution = openExecution(session, tensors);
  let observer: Observer | null = null;
  return {
    ...DTYPES,
    ...ATTRIBUTE_TYPES,
    session,
    tensors,
    observe: (next) => {
      const before = observer;
      observer = next;
      return before;
    },
    observed: () => observer !== null,
    rehearse: execution.rehearse,
    TF_Version: session.version,
    createTensor: (shape, dtype, values) => {
      const id = tensors.create(shape, dtype, values);
      observer?.created(id, values);
      return id;
    },
    deleteTensor: tensors.remove,
    tensorDataSync: (id) => {
      observer?.read(id);
      return tensors.read(id);
    },
    executeOp: (name, attributes, inputs, numOutputs) => {
      const operation = { name, attributes, inputs, numOutputs };
      const outputs = execution.run(operation);
      observer?.executed(operation, outputs);
      return outputs;
    },
    isUsingGpuDevice: () => session.devices.some((device) => device.type === "GPU"),
    getNumOfTensors: tensors.count,
    getNumOfSavedModels: () => 0,
  };
}
