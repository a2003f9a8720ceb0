import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { drawText, hasDot, wrapText } from "../../lib/image/bitmap_font.ts";

const picture = (character: string): string =>
  Array.from(
    { length: 7 },
    (_, row) => [0, 1, 2, 3, 4].map((column) => hasDot(character, column, row) ? "#" : ".").join(""),
  )
    .join("\n");
const printable = Array.from({ length: 95 }, (_, index) => String.fromCodePoint(32 + index));

describe("bitmap_font", () => {
  it("every printable character has a picture of its own", () => {
    assert.equal(new Set(printable.map(picture)).size, 95);
    assert.equal(picture("T"), "#####\n..#..\n..#..\n..#..\n..#..\n..#..\n..#..");
  });

  it("characters beyond ASCII show as a box", () => {
    assert.equal(picture("é"), "#####\n#...#\n#...#\n#...#\n#...#\n#...#\n#####");
  });

  it("drawText() sets the dots of its letters and stays inside the canvas", () => {
    const canvas = { width: 8, height: 8, data: new Uint8Array(8 * 8 * 3) };
    drawText(canvas, "II", { x: 1, y: 2, grey: 200 });
    const lit = Array.from({ length: 64 }, (_, index) => canvas.data[index * 3] === 200 ? index : -1).filter((
      i,
    ) => i >= 0);
    assert.deepEqual(lit.slice(0, 3), [2 * 8 + 2, 2 * 8 + 3, 2 * 8 + 4]);
    assert(lit.every((index) => index >= 2 * 8 && index % 8 >= 1));
  });

  it("wrapText() loses nothing but spaces where there is room", () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { maxLength: 12 });
    fc.assert(fc.property(words, fc.integer({ min: 1, max: 20 }), (all, columns) => {
      const lines = wrapText(all.join(" "), columns, 1000);
      assert.equal(lines.join("").replaceAll(" ", ""), all.join(""));
      assert(lines.every((line) => line.length >= 1 && line.length <= columns));
    }));
  });

  it("wrapText() ends in two dots where there is more", () => {
    assert.deepEqual(wrapText("one two three", 5, 2), ["one", "two.."]);
    assert.deepEqual(wrapText("one two three", 5, 1), ["one.."]);
  });
});
