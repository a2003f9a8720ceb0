import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { fromBytes } from "../../../lib/tensor/containers/random_access.ts";
import { storedOffset, zipEntries, type ZipEntry } from "../../../lib/tensor/containers/torch_zip.ts";
import { bytes, zip } from "./archive.ts";

const entries = [{ name: "a/b", content: bytes("hello") }, { name: "a/c", content: bytes("") }];

describe("zipEntries()", () => {
  for (const zip64 of [false, true]) {
    it(`lists entries, zip64 ${zip64}`, () => {
      const file = zip(entries, { zip64 });
      const listed = zipEntries(fromBytes(file));
      assert.deepEqual([...listed.keys()], ["a/b", "a/c"]);
      const entry = listed.get("a/b") as ZipEntry;
      assert.equal(entry.size, 5);
      const offset = storedOffset(fromBytes(file), entry);
      assert.deepEqual(file.slice(offset, offset + 5), bytes("hello"));
    });
  }

  it("refuses two entries of one name", () => {
    const [first] = entries as [typeof entries[0]];
    assert.throws(() => zipEntries(fromBytes(zip([first, first]))), /a\/b occurs twice/);
  });

  it("refuses every file that was cut off", () => {
    for (const zip64 of [false, true]) {
      const file = zip(entries, { zip64 });
      for (let length = 0; length < file.length; length++) {
        assert.throws(() => zipEntries(fromBytes(file.slice(0, length))), `${length} bytes`);
      }
    }
  });

  it("refuses a directory larger than it can be", () => {
    const file = zip(entries);
    new DataView(file.buffer).setUint32(file.length - 10, 0x7fffffff, true);
    assert.throws(() => zipEntries(fromBytes(file)), /directory claims 2147483647 bytes/);
  });
});

describe("storedOffset()", () => {
  const offsetOf = (
    options: { readonly method?: number; readonly flags?: number },
    size?: number,
  ): number => {
    const file = fromBytes(zip([{ name: "x", content: bytes("1234"), ...options }]));
    const entry = zipEntries(file).get("x") as ZipEntry;
    return storedOffset(file, { ...entry, size: size ?? entry.size });
  };

  it("refuses compressed and encrypted entries by name", () => {
    assert.equal(offsetOf({}), 31);
    assert.throws(() => offsetOf({ method: 8 }), /entry x is compressed/);
    assert.throws(() => offsetOf({ flags: 1 }), /entry x is encrypted/);
    assert.throws(() => offsetOf({}, 1000), /ends beyond the file/);
  });

  it("refuses an offset that points to something else", () => {
    const file = fromBytes(zip(entries));
    const entry = zipEntries(file).get("a/b") as ZipEntry;
    assert.throws(() => storedOffset(file, { ...entry, headerOffset: 1 }), /has no header/);
  });
});
