/**
 * Running one eager op.
 *
 * @module
 */
import { type Attribute, setAttribute } from "./attributes.ts";
import { cString } from "./library.ts";
import type { Session } from "./session.ts";
import type { TensorMetadata, TensorTable } from "./tensors.ts";

/** An op, or a function that was added to the context, with its inputs. */
export interface Operation {
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly inputs: readonly number[];
  readonly numOutputs: number;
}

/**
 * Makes the function that runs ops.
 *
 * @param session The context.
 * @param tensors Its handles.
 * @returns A function from an op to its outputs; throws TensorFlow's message if the op fails.
 */
export function openExecution(
  session: Session,
  tensors: TensorTable,
): (operation: Operation) => TensorMetadata[] {
  const { symbols, context, status, check } = session;
  const count = new Int32Array(1);
  let results = new BigUint64Array(64);
  const run = (operation: Operation): void => {
    const op = symbols.TFE_NewOp(context, cString(operation.name), status);
    check();
    try {
      for (const id of operation.inputs) {
        symbols.TFE_OpAddInput(op, tensors.handle(id), status);
        check();
      }
      for (const attribute of operation.attributes) setAttribute(session, op, attribute);
      if (results.length < operation.numOutputs) results = new BigUint64Array(2 * operation.numOutputs);
      count[0] = operation.numOutputs;
      symbols.TFE_Execute(op, results, count, status);
      check();
    } finally {
      symbols.TFE_DeleteOp(op);
    }
  };
  return (operation) => {
    run(operation);
    return Array.from(
      { length: operation.numOutputs },
      (_, index) => tensors.adopt(Deno.UnsafePointer.create(results[index] as bigint)),
    );
  };
}
