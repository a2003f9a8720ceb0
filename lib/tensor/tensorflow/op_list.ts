/**
 * The names of all ops' outputs, which the wires of a function refer to.
 *
 * @module
 */
import { type Bytes, readFields } from "./protobuf.ts";
import type { Session } from "./session.ts";

/** Output names per op; a list output has one name. */
export type OpOutputs = ReadonlyMap<string, readonly string[]>;

const decoder = new TextDecoder();

const textOfField = (message: Uint8Array, number: number): string => {
  for (const field of readFields(message)) if (field.number === number) return decoder.decode(field.bytes);
  return "";
};

/**
 * Reads an `OpList` message: op = 1, its name = 1, its output_arg = 3.
 *
 * @param message The message.
 * @returns The output names of each op.
 */
export function readOpList(message: Uint8Array): OpOutputs {
  const outputs = new Map<string, readonly string[]>();
  for (const op of readFields(message)) {
    if (op.number !== 1) continue;
    const names = [...readFields(op.bytes)].filter((field) => field.number === 3)
      .map((field) => textOfField(field.bytes, 1));
    outputs.set(textOfField(op.bytes, 1), names);
  }
  return outputs;
}

/**
 * Copies the list of all registered ops out of the library.
 *
 * @param session The context.
 * @returns The `OpList` message.
 */
export function opListBytes(session: Session): Bytes {
  const buffer = session.symbols.TF_GetAllOpList();
  if (buffer === null) throw new Error("TensorFlow returned no list of ops");
  const view = new Deno.UnsafePointerView(buffer);
  const data = Deno.UnsafePointer.create(view.getBigUint64(0));
  const length = Number(view.getBigUint64(8));
  const bytes = data === null
    ? new Uint8Array(0)
    : new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(data, length).slice(0) as ArrayBuffer);
  session.symbols.TF_DeleteBuffer(buffer);
  return bytes;
}
