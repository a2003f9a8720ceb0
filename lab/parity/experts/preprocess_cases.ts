/**
 * Preprocessing at published sizes against the published processors.
 *
 * @module
 */
import * as t from "io-ts";
import type { HasFiles } from "../../../lib/core/capability.ts";
import type { Stage } from "../../../lib/core/stage.ts";
import { fitPicture, preparePictures, type Preprocess } from "../../../lib/experts/shared/preprocess.ts";
import { type Check, compare, compareExactly } from "../check.ts";
import { readCases, readPicture } from "../fixture.ts";
import { procedure } from "../procedure.ts";

const Rgb = t.tuple([t.number, t.number, t.number]);
const Case = t.type({
  processor: t.string,
  image: t.string,
  resized_uint8: t.string,
  mean: Rgb,
  std: Rgb,
  pixel_values_mean: t.number,
  pixel_values_first: t.array(t.number),
  resized_wh: t.tuple([t.number, t.number]),
});

/**
 * Runs the preprocessing cases of a fixture folder.
 *
 * @param folder A folder with `cases.json` and pictures.
 */
export function preprocessCases(folder: string): Stage<HasFiles, readonly Check[]> {
  return procedure("preprocess cases", async (run) => {
    const checks: Check[] = [];
    for (const reference of await run(readCases(`${folder}/cases.json`, t.array(Case)))) {
      const name = `preprocess ${reference.processor}`;
      const stored = await run(readPicture(`${folder}/${reference.resized_uint8}`));
      const [width, height] = reference.resized_wh;
      const steps: Preprocess = {
        resize: { width, height },
        rule: "bicubic",
        crop: { width: stored.width, height: stored.height },
        scale: 1 / 255,
        mean: reference.mean,
        deviation: reference.std,
      };
      const image = await run(readPicture(`${folder}/${reference.image}`));
      const { data } = preparePictures([image], steps);
      const first = reference.pixel_values_first.map((_, index) => data[index * 3] as number);
      const mean = data.reduce((sum, x) => sum + x, 0) / data.length;
      const shared = { name, tolerance: 1e-5 };
      checks.push(
        compareExactly(fitPicture(image, steps).data, stored.data, { name, quantity: "8-bit picture" }),
        compare(first, reference.pixel_values_first, { ...shared, quantity: "first values" }),
        compare([mean], [reference.pixel_values_mean], { ...shared, quantity: "mean" }),
      );
    }
    return checks;
  });
}
