/**
 * Running one eager op.
 *
 * @module
 */
import { type Attribute, setAttribute } from "./attributes.ts";
import { cString, textAt } from "./library.ts";
import type { Session } from "./session.ts";
import type { TensorMetadata, TensorTable } from "./tensors.ts";

/** An op, or a function that was added to the context, with its inputs. */
export interface Operation {
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly inputs: readonly number[];
  readonly numOutputs: number;
}

/** Runs ops. */
export interface Execution {
  /** Runs an op; throws TensorFlow's message if it fails. */
  readonly run: (operation: Operation) => TensorMetadata[];
  /**
   * Runs an op on another thread and frees what it returns: what stays is the code that was compiled for it. Its inputs may be
   * freed meanwhile. Rejects with TensorFlow's message.
   */
  readonly rehearse: (operation: Operation) => Promise<void>;
}

/** Opens the ways to run ops. */
export function openExecution(session: Session, tensors: TensorTable): Execution {
  const { symbols, check } = session;
  const count = new Int32Array(1);
  let results = new BigUint64Array(64);
  return {
    run: (operation) => {
      if (results.length < operation.numOutputs) results = new BigUint64Array(2 * operation.numOutputs);
      const op = newOp(session, tensors, operation);
      try {
        count[0] = operation.numOutputs;
        symbols.TFE_Execute(op, results, count, session.status);
        check();
      } finally {
        symbols.TFE_DeleteOp(op);
      }
      return Array.from(
        { length: operation.numOutputs },
        (_, index) => tensors.adopt(Deno.UnsafePointer.create(results[index] as bigint)),
      );
    },
    rehearse: (operation) => rehearse(session, newOp(session, tensors, operation), operation.numOutputs),
  };
}

function newOp(session: Session, tensors: TensorTable, operation: Operation): Deno.PointerValue {
  const { symbols, context, status, check } = session;
  const op = symbols.TFE_NewOp(context, cString(operation.name), status);
  check();
  try {
    for (const id of operation.inputs) {
      symbols.TFE_OpAddInput(op, tensors.handle(id), status);
      check();
    }
    for (const attribute of operation.attributes) setAttribute(session, op, attribute);
  } catch (thrown) {
    symbols.TFE_DeleteOp(op);
    throw thrown;
  }
  return op;
}

/** With a status and results of its own: the main thread goes on with its own. */
async function rehearse({ symbols }: Session, op: Deno.PointerValue, numOutputs: number): Promise<void> {
  const status = symbols.TF_NewStatus();
  const results = new BigUint64Array(numOutputs);
  const count = Int32Array.of(numOutputs);
  try {
    await symbols.TFE_ExecuteAside(op, results, count, status);
    if (symbols.TF_GetCode(status) !== 0) throw new Error(textAt(symbols.TF_Message(status)));
    results.forEach((handle) => symbols.TFE_DeleteTensorHandle(Deno.UnsafePointer.create(handle)));
  } finally {
    symbols.TFE_DeleteOp(op);
    symbols.TF_DeleteStatus(status);
  }
}
