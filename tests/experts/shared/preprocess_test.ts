import { describe, it } from "@std/testing/bdd";
import { solidImage } from "../../../lib/image/image.ts";
import {
  CLIP_COLOURS,
  fitPicture,
  IMAGENET_COLOURS,
  preparePictures,
  type Preprocess,
  preprocessOf,
  preprocessorConfig,
  readPreprocess,
  squareMiddle,
  squareWhole,
} from "../../../lib/experts/shared/preprocess.ts";
import fc from "fast-check";
import assert from "node:assert/strict";
import { problem, right } from "../../run/outcome.ts";
import { memoryFiles } from "../../support/files.ts";
import { assertClose, readJson } from "../../support/fixture.ts";

const FALLBACK: Preprocess = {
  resize: { shortestEdge: 256 },
  rule: "bicubic",
  crop: { width: 224, height: 224 },
  scale: 1 / 255,
  ...IMAGENET_COLOURS,
};

describe("preprocessOf()", () => {
  it("reads the published files of three models", () => {
    const read = (model: string) =>
      right(preprocessOf(readJson(`experts/${model}/preprocessor_config.json`), FALLBACK, model));
    assert.deepEqual(read("dinov2"), {
      ...FALLBACK,
      resize: { shortestEdge: 33 },
      crop: { width: 28, height: 28 },
    });
    const clip = {
      ...FALLBACK,
      ...CLIP_COLOURS,
      resize: { shortestEdge: 32 },
      crop: { width: 32, height: 32 },
    };
    assert.deepEqual(read("clip"), clip);
    const [blip2, whole] = [read("blip2"), { width: 28, height: 28 }];
    assert.deepEqual(blip2.resize, whole);
  });
  it("understands sizes that are plain numbers, as older files have them", () => {
    const old = { size: 224, crop_size: 224, do_center_crop: true, resample: 3 };
    const steps = right(preprocessOf(old, FALLBACK, "x"));
    assert.deepEqual([steps.resize, steps.crop], [{ shortestEdge: 224 }, { width: 224, height: 224 }]);
    const uncut = right(preprocessOf({ size: 64, do_center_crop: false }, FALLBACK, "x"));
    assert.deepEqual([uncut.resize, uncut.crop], [{ width: 64, height: 64 }, null]);
  });
  it("leaves steps out that are switched off", () => {
    const off = { do_resize: false, do_center_crop: false, do_rescale: false, do_normalize: false };
    const steps = right(preprocessOf(off, FALLBACK, "x"));
    const image = solidImage(3, 2, [10, 20, 30]);
    assert.deepEqual([...preparePictures([image], steps).data], [...image.data]);
  });
  it("refuses a resampling rule that it can't reproduce", () => {
    const line = problem(preprocessOf({ resample: 1 }, FALLBACK, "a.json"));
    assert.equal(line, "a.json: resample 1 is not supported; 2, 3 and 4 are");
  });
  it("reads back what preprocessorConfig() writes", () => {
    const other: Preprocess = {
      ...FALLBACK,
      resize: { width: 64, height: 32 },
      crop: null,
      rule: "bilinear",
    };
    for (const steps of [FALLBACK, other]) {
      assert.deepEqual(right(preprocessOf(preprocessorConfig(steps), FALLBACK, "x")), steps);
    }
  });
});

describe("readPreprocess()", () => {
  it("takes the fallback where there is no file", async () => {
    const model = { path: "m", repository: "a/b" };
    assert.deepEqual(right(await readPreprocess(model, FALLBACK)({ files: memoryFiles() })()), FALLBACK);
    const files = memoryFiles({
      "m/preprocessor_config.json": JSON.stringify({ size: { shortest_edge: 9 } }),
    });
    const steps = right(await readPreprocess(model, FALLBACK)({ files })());
    assert.deepEqual(steps, { ...FALLBACK, resize: { shortestEdge: 9 } });
  });
});

describe("fitPicture()", () => {
  it("always gives the size of the cut", () => {
    const side = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(side, side, (width, height) => {
        const steps: Preprocess = {
          ...FALLBACK,
          resize: { shortestEdge: 9 },
          crop: { width: 8, height: 10 },
        };
        const fitted = fitPicture(solidImage(width, height, [1, 2, 3]), steps);
        assert.deepEqual([fitted.width, fitted.height], [8, 10]);
      }),
      { numRuns: 30 },
    );
  });
});

describe("squareMiddle() and squareWhole()", () => {
  it("cut out the middle, or bring everything to the square", () => {
    const wide = solidImage(40, 20);
    wide.data.set([255, 255, 255], 0);
    for (const steps of [squareMiddle(8, CLIP_COLOURS), squareWhole(8, CLIP_COLOURS)]) {
      const { width, height } = fitPicture(wide, steps);
      assert.deepEqual([width, height], [8, 8]);
    }
    const corner = (steps: Preprocess) => fitPicture(wide, steps).data[0] as number;
    assert.equal(corner(squareMiddle(8, CLIP_COLOURS)), 0, "the corner is cut off");
    assert.ok(corner(squareWhole(8, CLIP_COLOURS)) > 0);
  });
});

describe("preparePictures()", () => {
  it("scales and normalises each channel, and pads the batch with zeros", () => {
    const steps: Preprocess = { ...FALLBACK, resize: null, crop: null };
    const { shape, data } = preparePictures([solidImage(1, 1, [0, 128, 255])], steps, 2);
    assert.deepEqual(shape, [2, 1, 1, 3]);
    const expected = [0, 128, 255].map((x, i) =>
      (x / 255 - (steps.mean[i] ?? 0)) / (steps.deviation[i] ?? 1)
    );
    assertClose(data, [...expected, 0, 0, 0], 1e-6);
  });
  it("refuses pictures of different sizes in one batch", () => {
    const steps: Preprocess = { ...FALLBACK, resize: null, crop: null };
    assert.throws(() => preparePictures([solidImage(1, 1), solidImage(2, 1)], steps), /differ in size/);
  });
});
