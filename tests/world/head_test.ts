import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { makeBrush } from "../../lib/world/brush.ts";
import { paintBehindHead, paintHead } from "../../lib/world/head.ts";
import { boxFilter, makeCanvas } from "../../lib/world/raster.ts";
import { allCharacters, type Character, KINDS } from "../../lib/world/scene.ts";

function head(character: Character, asleep = false): Uint8Array {
  const canvas = makeCanvas(64, 4);
  const brush = makeBrush(canvas, { origin: [16, 16], light: [1, 1, 1] });
  paintBehindHead(brush, character);
  paintHead(brush, character, { asleep });
  return boxFilter(canvas, 64).data;
}

const ofKind = (kind: typeof KINDS[number]): Character => {
  const found = allCharacters().find((each) => each.kind === kind);
  assert.ok(found !== undefined);
  return found;
};

const differing = (a: Uint8Array, b: Uint8Array): number =>
  a.filter((value, index) => Math.abs(value - (b[index] ?? 0)) > 20).length / 3;

describe("paintHead() and paintBehindHead()", () => {
  it("draw six different heads of the same colour", () => {
    const heads = KINDS.map((kind) => head(ofKind(kind)));
    heads.forEach((a, index) => {
      for (const b of heads.slice(index + 1)) assert.ok(differing(a, b) > 80, `${differing(a, b)} pixels`);
    });
  });

  it("close the eyes of a sleeper and leave the rest as it was", () => {
    for (const kind of KINDS) {
      const change = differing(head(ofKind(kind)), head(ofKind(kind), true));
      assert.ok(change > 15 && change < 90, `${kind}: ${change} pixels`);
    }
  });
});
