import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { boxFilter, makeCanvas } from "../../lib/world/raster.ts";
import { PLACES, TIMES } from "../../lib/world/scene.ts";
import { paintScenery } from "../../lib/world/scenery.ts";

const views = PLACES.flatMap((place) =>
  TIMES.map((time) => {
    const canvas = makeCanvas(64, 4);
    paintScenery(canvas, place, time);
    return { place, time, canvas, picture: boxFilter(canvas, 64).data };
  })
);

describe("paintScenery()", () => {
  it("covers the whole canvas", () => {
    for (const { canvas } of views) assert.ok(canvas.samples.every((sample) => sample !== 0));
  });

  it("makes the eighteen views different in most of the picture", () => {
    views.forEach((a, index) => {
      for (const b of views.slice(index + 1)) {
        let different = 0;
        for (let at = 0; at < a.picture.length; at++) {
          if (Math.abs((a.picture[at] ?? 0) - (b.picture[at] ?? 0)) > 12) different++;
        }
        assert.ok(different / a.picture.length > 0.3, `${a.place} ${a.time}, ${b.place} ${b.time}`);
      }
    });
  });

  it("is darkest at night", () => {
    const mean = (data: Uint8Array) => data.reduce((sum, value) => sum + value, 0) / data.length;
    for (const place of PLACES) {
      const [day = 0, sunset = 0, night = 0] = views.filter((view) => view.place === place).map((
        { picture },
      ) => mean(picture));
      assert.ok(day > sunset && sunset > 1.4 * night, place);
    }
  });
});
