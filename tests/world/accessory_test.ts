import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { paintBehindBody, paintInFront, paintOnBody } from "../../lib/world/accessory.ts";
import { makeBrush } from "../../lib/world/brush.ts";
import { boxFilter, makeCanvas } from "../../lib/world/raster.ts";
import { type Item, ITEMS } from "../../lib/world/scene.ts";

function painted(item: Item | null, asleep = false): Uint8Array {
  const canvas = makeCanvas(64, 4);
  const body = makeBrush(canvas, { origin: [16, 16], light: [1, 1, 1] });
  const accessory = item === null ? null : { item, colour: "red" } as const;
  paintBehindBody(body, accessory, { asleep });
  paintOnBody(body, accessory, { asleep });
  paintInFront({ body, head: asleep ? body.lowered(16) : body }, accessory, { asleep });
  return boxFilter(canvas, 64).data;
}

const area = (data: Uint8Array): number =>
  data.filter((_, index) => index % 3 === 0 && (data[index] ?? 0) > 60).length;

describe("paintInFront(), paintBehindBody() and paintOnBody()", () => {
  it("paint nothing without an accessory", () => {
    assert.equal(area(painted(null)), 0);
  });

  it("paint every item larger than a token patch, awake and asleep", () => {
    for (const item of ITEMS) {
      for (const asleep of [false, true]) {
        assert.ok(area(painted(item, asleep)) > 100, `${item}: ${area(painted(item, asleep))} pixels`);
      }
    }
  });
});
