/**
 * What the nodes of a function must say of their ops: output names, and which type attribute each input fixes.
 *
 * @module
 */
import { type Bytes, readFields } from "./protobuf.ts";
import type { Session } from "./session.ts";

/** An op's declaration. */
export interface OpFacts {
  /** A list output has one name. */
  readonly outputs: readonly string[];
  /** Per input up to the first list, the type attribute that the input fixes; empty if its type is fixed. */
  readonly inputTypes: readonly string[];
}

/** Declarations by op name. */
export type OpTable = ReadonlyMap<string, OpFacts>;

const decoder = new TextDecoder();

const textOfField = (message: Uint8Array, number: number): string => {
  for (const field of readFields(message)) if (field.number === number) return decoder.decode(field.bytes);
  return "";
};

const holds = (message: Uint8Array, numbers: readonly number[]): boolean =>
  [...readFields(message)].some((field) => numbers.includes(field.number) && field.bytes.length > 0);

/** Inputs before the first list: `number_attr` = 5 and `type_list_attr` = 6 mark lists, `type_attr` = 4. */
function inputTypesOf(op: Uint8Array): readonly string[] {
  const inputs = [...readFields(op)].filter((field) => field.number === 2).map((field) => field.bytes);
  const list = inputs.findIndex((input) => holds(input, [5, 6]));
  return (list < 0 ? inputs : inputs.slice(0, list)).map((input) => textOfField(input, 4));
}

/**
 * Reads an `OpList` message: op = 1; of each op name = 1, input_arg = 2, output_arg = 3.
 *
 * @returns The declaration of each op.
 */
export function readOpList(message: Uint8Array): OpTable {
  const table = new Map<string, OpFacts>();
  for (const op of readFields(message)) {
    if (op.number !== 1) continue;
    const outputs = [...readFields(op.bytes)].filter((field) => field.number === 3)
      .map((field) => textOfField(field.bytes, 1));
    table.set(textOfField(op.bytes, 1), { outputs, inputTypes: inputTypesOf(op.bytes) });
  }
  return table;
}

/**
 * Copies the list of all registered ops out of the library.
 *
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
