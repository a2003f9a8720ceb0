/**
 * A pickle machine that builds data only: no global is ever looked up or called but those its caller names.
 *
 * @module
 */
import type { ByteCursor } from "./byte_cursor.ts";

/** A name such as `torch.FloatStorage`. */
export interface PickleGlobal {
  readonly kind: "global";
  readonly name: string;
}
/** A list; grows while the pickle is read. */
export interface PickleList {
  readonly kind: "list";
  readonly items: PickleValue[];
}
/** A tuple. */
export interface PickleTuple {
  readonly kind: "tuple";
  readonly items: readonly PickleValue[];
}
/** A dictionary; keys that are no texts or numbers are refused. */
export interface PickleDict {
  readonly kind: "dict";
  readonly entries: Map<string | number, PickleValue>;
}
/** What the caller made of a reduction or a persistent id. */
export interface PickleObject {
  readonly kind: "object";
  readonly of: unknown;
}

/** Everything a pickle can hold here. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | PickleGlobal
  | PickleList
  | PickleTuple
  | PickleDict
  | PickleObject;

/** What the caller allows. */
export interface PickleRules {
  /** Whether a global such as `torch.FloatStorage` may be named. */
  readonly allows: (global: string) => boolean;
  /** Stands for calling an allowed global. */
  readonly reduce: (global: string, args: readonly PickleValue[]) => PickleValue;
  /** Stands for a persistent id. */
  readonly persistent: (id: PickleValue) => PickleValue;
}

const MAX_STACK = 1_000_000;
const MAX_MEMO = 4_000_000;

/** Stack, marks and memo of one run. */
interface Machine {
  readonly cursor: ByteCursor;
  readonly rules: PickleRules;
  readonly stack: PickleValue[];
  readonly marks: number[];
  readonly memo: Map<number, PickleValue>;
}

type Operation = (machine: Machine) => void;

const push = (machine: Machine, value: PickleValue): void => {
  if (machine.stack.length >= MAX_STACK) throw new Error("the pickle stack is too deep");
  machine.stack.push(value);
};

const pop = ({ stack, marks }: Machine): PickleValue => {
  const value = stack.pop();
  if (value === undefined || stack.length < (marks.at(-1) ?? 0)) throw new Error("the pickle stack is empty");
  return value;
};

const popMark = ({ stack, marks }: Machine): PickleValue[] => {
  const mark = marks.pop();
  if (mark === undefined) throw new Error("a pickle mark is missing");
  return stack.splice(mark);
};

const popMany = (machine: Machine, count: number): PickleValue[] =>
  Array.from({ length: count }, () => pop(machine)).reverse();

const remember = ({ memo, stack }: Machine, index: number): void => {
  const value = stack.at(-1);
  if (value === undefined) throw new Error("the pickle stack is empty");
  if (memo.size >= MAX_MEMO) throw new Error("the pickle memo is too large");
  memo.set(index, value);
};

const recall = (machine: Machine, index: number): void => {
  const value = machine.memo.get(index);
  if (value === undefined) throw new Error(`pickle memo ${index} is empty`);
  push(machine, value);
};

const kindOf = (value: PickleValue): string =>
  value === null ? "None" : typeof value === "object" ? value.kind : typeof value;

const name = (machine: Machine, global: string): void => {
  if (!machine.rules.allows(global)) throw new Error(`the pickle names ${global}, which is not allowed`);
  push(machine, { kind: "global", name: global });
};

const text = (value: PickleValue): string => {
  if (typeof value !== "string") throw new Error(`a pickle name is a ${kindOf(value)}`);
  return value;
};

const append = (machine: Machine, items: readonly PickleValue[]): void => {
  const list = machine.stack.at(-1);
  if (typeof list !== "object" || list?.kind !== "list") {
    throw new Error("a pickle appends to what is no list");
  }
  for (const item of items) list.items.push(item);
};

const setItems = (machine: Machine, items: readonly PickleValue[]): void => {
  const dict = machine.stack.at(-1);
  if (typeof dict !== "object" || dict?.kind !== "dict") {
    throw new Error("a pickle sets items of what is no dict");
  }
  if (items.length % 2 !== 0) throw new Error("a pickle sets a key without a value");
  for (let index = 0; index < items.length; index += 2) {
    const key = items[index] as PickleValue;
    if (typeof key !== "string" && typeof key !== "number") {
      throw new Error(`a pickle key is a ${kindOf(key)}`);
    }
    dict.entries.set(key, items[index + 1] as PickleValue);
  }
};

const reduce = (machine: Machine): void => {
  const [callee, args] = popMany(machine, 2) as [PickleValue, PickleValue];
  if (typeof callee !== "object" || callee?.kind !== "global") {
    throw new Error(`a pickle calls a ${kindOf(callee)}`);
  }
  if (typeof args !== "object" || args?.kind !== "tuple") throw new Error("a pickle calls without a tuple");
  push(machine, machine.rules.reduce(callee.name, args.items));
};

/** `BUILD` sets attributes. An OrderedDict carries only `_metadata`, which is dropped; nothing else may be built. */
const build = (machine: Machine): void => {
  pop(machine);
  const target = machine.stack.at(-1) ?? null;
  if (typeof target !== "object" || target?.kind !== "dict") {
    throw new Error(`a pickle builds a ${kindOf(target)}`);
  }
};

const tuple = (machine: Machine, items: readonly PickleValue[]): void =>
  push(machine, { kind: "tuple", items });

const longInteger = (bytes: Uint8Array): number => {
  if (bytes.length > 8) throw new Error(`a pickle integer has ${bytes.length} bytes`);
  let value = 0n;
  for (const [index, byte] of bytes.entries()) value |= BigInt(byte) << BigInt(8 * index);
  const signed = Number(BigInt.asIntN(8 * bytes.length, value));
  if (!Number.isSafeInteger(signed)) throw new Error("a pickle integer is too large");
  return signed;
};

const utf8 = (bytes: Uint8Array): string => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

/** Every opcode that is read, by its byte; any other is refused. STOP (0x2e) ends the loop. */
const OPERATIONS: ReadonlyMap<number, Operation> = new Map<number, Operation>([
  [0x80, ({ cursor }) => protocol(cursor.u8())],
  [0x95, ({ cursor }) => void cursor.take(8)], // FRAME
  [0x28, ({ marks, stack }) => void marks.push(stack.length)], // MARK
  [0x4e, (machine) => push(machine, null)], // NONE
  [0x88, (machine) => push(machine, true)], // NEWTRUE
  [0x89, (machine) => push(machine, false)], // NEWFALSE
  [0x4a, (machine) => push(machine, machine.cursor.i32())], // BININT
  [0x4b, (machine) => push(machine, machine.cursor.u8())], // BININT1
  [0x4d, (machine) => push(machine, machine.cursor.u16())], // BININT2
  [0x8a, (machine) => push(machine, longInteger(machine.cursor.take(machine.cursor.u8())))], // LONG1
  [0x47, (machine) => push(machine, machine.cursor.f64BigEndian())], // BINFLOAT
  [0x58, (machine) => push(machine, utf8(machine.cursor.take(machine.cursor.u32())))], // BINUNICODE
  [0x8c, (machine) => push(machine, utf8(machine.cursor.take(machine.cursor.u8())))], // SHORT_BINUNICODE
  [0x54, (machine) => push(machine, utf8(machine.cursor.take(machine.cursor.u32())))], // BINSTRING
  [0x55, (machine) => push(machine, utf8(machine.cursor.take(machine.cursor.u8())))], // SHORT_BINSTRING
  [0x7d, (machine) => push(machine, { kind: "dict", entries: new Map() })], // EMPTY_DICT
  [0x5d, (machine) => push(machine, { kind: "list", items: [] })], // EMPTY_LIST
  [0x29, (machine) => tuple(machine, [])], // EMPTY_TUPLE
  [0x74, (machine) => tuple(machine, popMark(machine))], // TUPLE
  [0x85, (machine) => tuple(machine, popMany(machine, 1))], // TUPLE1
  [0x86, (machine) => tuple(machine, popMany(machine, 2))], // TUPLE2
  [0x87, (machine) => tuple(machine, popMany(machine, 3))], // TUPLE3
  [0x61, (machine) => append(machine, popMany(machine, 1))], // APPEND
  [0x65, (machine) => append(machine, popMark(machine))], // APPENDS
  [0x73, (machine) => setItems(machine, popMany(machine, 2))], // SETITEM
  [0x75, (machine) => setItems(machine, popMark(machine))], // SETITEMS
  [0x71, (machine) => remember(machine, machine.cursor.u8())], // BINPUT
  [0x72, (machine) => remember(machine, machine.cursor.u32())], // LONG_BINPUT
  [0x94, (machine) => remember(machine, machine.memo.size)], // MEMOIZE
  [0x68, (machine) => recall(machine, machine.cursor.u8())], // BINGET
  [0x6a, (machine) => recall(machine, machine.cursor.u32())], // LONG_BINGET
  [0x63, (machine) => name(machine, `${machine.cursor.line()}.${machine.cursor.line()}`)], // GLOBAL
  [0x93, (machine) => name(machine, popMany(machine, 2).map(text).join("."))], // STACK_GLOBAL
  [0x52, reduce],
  [0x62, build],
  [0x51, (machine) => push(machine, machine.rules.persistent(pop(machine)))], // BINPERSID
]);

const protocol = (version: number): void => {
  if (version > 5) throw new Error(`pickle protocol ${version} is unknown`);
};

/**
 * Reads one pickle.
 *
 * @param cursor Stands at its first byte, and behind its STOP afterwards.
 * @param rules What may be named, and what stands for calling it.
 * @throws Error that names the refused global or opcode, or tells what is damaged.
 */
export function readPickle(cursor: ByteCursor, rules: PickleRules): PickleValue {
  const machine: Machine = { cursor, rules, stack: [], marks: [], memo: new Map() };
  for (let opcode = cursor.u8(); opcode !== 0x2e; opcode = cursor.u8()) {
    const operation = OPERATIONS.get(opcode);
    if (operation === undefined) throw new Error(`pickle opcode 0x${opcode.toString(16)} is not allowed`);
    operation(machine);
  }
  const value = pop(machine);
  if (machine.stack.length > 0) throw new Error("the pickle leaves values behind");
  return value;
}
