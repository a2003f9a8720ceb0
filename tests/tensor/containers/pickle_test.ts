import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { ByteCursor } from "../../../lib/tensor/containers/byte_cursor.ts";
import { type PickleRules, type PickleValue, readPickle } from "../../../lib/tensor/containers/pickle.ts";
import { fromBytes } from "../../../lib/tensor/containers/random_access.ts";
import { bytes, dict, global, int, pickle, tuple, unicode } from "./archive.ts";

const RULES: PickleRules = {
  allows: (name) => name === "m.f",
  reduce: (name, args) => ({ kind: "object", of: [name, args.length] }),
  persistent: (id) => ({ kind: "object", of: id }),
};

const read = (value: Uint8Array): PickleValue => {
  const file = pickle(value);
  return readPickle(new ByteCursor(fromBytes(file), 0, file.length), RULES);
};

const LIST = (...items: PickleValue[]): PickleValue => ({ kind: "list", items });
const TUPLE = (...items: PickleValue[]): PickleValue => ({ kind: "tuple", items });

describe("readPickle()", () => {
  const plain: Readonly<Record<string, readonly [Uint8Array, PickleValue]>> = {
    None: [bytes("N"), null],
    True: [bytes(0x88), true],
    False: [bytes(0x89), false],
    BININT: [int(-5), -5],
    BININT1: [bytes("K", 255), 255],
    BININT2: [bytes("M", 0x34, 0x12), 0x1234],
    "LONG1, negative": [bytes(0x8a, 2, 0, 0x80), -32768],
    "LONG1, empty": [bytes(0x8a, 0), 0],
    BINFLOAT: [bytes("G", 0xbf, 0xf8, 0, 0, 0, 0, 0, 0), -1.5],
    BINUNICODE: [unicode("é"), "é"],
    SHORT_BINUNICODE: [bytes(0x8c, 1, "a"), "a"],
    BINSTRING: [bytes("T", 1, 0, 0, 0, "a"), "a"],
    SHORT_BINSTRING: [bytes("U", 1, "a"), "a"],
    "EMPTY_LIST, APPEND, APPENDS": [bytes("]K", 1, "a(K", 2, "K", 3, "e"), LIST(1, 2, 3)],
    "tuples of every size": [
      bytes(")K", 1, 0x85, 0x86, "NNN", 0x87, 0x86),
      TUPLE(TUPLE(TUPLE(), TUPLE(1)), TUPLE(null, null, null)),
    ],
    TUPLE: [tuple(int(1), int(2)), TUPLE(1, 2)],
    "BINPUT and BINGET": [bytes("]q", 7, "h", 7, 0x86), TUPLE(LIST(), LIST())],
    "MEMOIZE and LONG_BINGET": [bytes("N", 0x94, "j", 0, 0, 0, 0, 0x86), TUPLE(null, null)],
    "LONG_BINPUT": [bytes("Nr", 0, 0, 0, 0xff), null],
    "FRAME": [bytes(0x95, 1, 0, 0, 0, 0, 0, 0, 0, "N"), null],
    GLOBAL: [global("m", "f"), { kind: "global", name: "m.f" }],
    STACK_GLOBAL: [bytes(0x8c, 1, "m", 0x8c, 1, "f", 0x93), { kind: "global", name: "m.f" }],
    REDUCE: [bytes(global("m", "f"), tuple(int(1)), "R"), { kind: "object", of: ["m.f", 1] }],
    BINPERSID: [bytes(unicode("id"), "Q"), { kind: "object", of: "id" }],
    "EMPTY_DICT, SETITEMS, SETITEM, BUILD": [
      bytes(dict({ a: int(1) }), "K", 9, "Ns", dict({ _metadata: bytes("N") }), "b"),
      { kind: "dict", entries: new Map<string | number, PickleValue>([["a", 1], [9, null]]) },
    ],
  };
  for (const [what, [value, expected]] of Object.entries(plain)) {
    it(`reads ${what}`, () => assert.deepEqual(read(value), expected));
  }

  const refused: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
    "a global outside the rules": [global("os", "system"), /names os\.system, which is not allowed/],
    "INST": [bytes("(ios\nsystem\n"), /opcode 0x69 is not allowed/],
    "OBJ": [bytes("o"), /opcode 0x6f/],
    "NEWOBJ": [bytes(global("m", "f"), ")", 0x81), /opcode 0x81/],
    "EXT1": [bytes(0x82, 1), /opcode 0x82/],
    "LONG4": [bytes(0x8b, 255, 255, 255, 127), /opcode 0x8b/],
    "a call of a text": [bytes(unicode("f"), ")R"), /calls a string/],
    "a call of a result": [bytes(global("m", "f"), ")R", ")R"), /calls a object/],
    "a call without a tuple": [bytes(global("m", "f"), "]R"), /without a tuple/],
    "building an object": [bytes(global("m", "f"), ")R", "}b"), /builds a object/],
    "appending to a tuple": [bytes(")Na"), /no list/],
    "setting items of a list": [bytes("]NNs"), /no dict/],
    "a key that is a list": [bytes("}]Ns"), /key is a list/],
    "a key without a value": [bytes("}(Nu"), /without a value/],
    "a memo that was never filled": [bytes("h", 3), /memo 3 is empty/],
    "a tuple below the stack": [bytes(0x85), /stack is empty/],
    "a value below a mark": [bytes("N(", 0x85), /stack is empty/],
    "TUPLE without a mark": [bytes("t"), /mark is missing/],
    "values left behind": [bytes("NN"), /leaves values/],
    "an integer of 9 bytes": [bytes(0x8a, 9, "123456789"), /9 bytes/],
    "an integer beyond counting": [bytes(0x8a, 8, 0, 0, 0, 0, 0, 0, 0, 0x7f), /too large/],
    "a text that is no UTF-8": [bytes("X", 1, 0, 0, 0, 0xff), /./],
    "a text longer than the file": [bytes("X", 255, 255, 0, 0, "a"), /too early/],
    "a text of 4 GB": [bytes("X", 255, 255, 255, 255, "a"), /too many/],
    "an unknown protocol": [bytes(0x80, 9), /protocol 9/],
    "no end": [bytes("N"), /too early/],
  };
  for (const [what, [value, reason]] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      const file = what === "no end" ? bytes(0x80, 2, value) : pickle(value);
      assert.throws(() => readPickle(new ByteCursor(fromBytes(file), 0, file.length), RULES), reason);
    });
  }

  it("bounds the stack", () => {
    const deep = bytes(new Uint8Array(1_000_001).fill(0x4e));
    assert.throws(() => read(deep), /too deep/);
  });

  it("survives a list that holds itself", () => {
    const value = read(bytes("]q", 0, "h", 0, "a"));
    assert(typeof value === "object" && value?.kind === "list");
    assert.equal(value.items[0], value);
  });
});
