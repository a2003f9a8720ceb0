/**
 * CLIP against its reference: tokens, preprocessing, embeddings, cosines.
 *
 * @module
 */
import * as t from "io-ts";
import type { HasFiles } from "../../../lib/core/capability.ts";
import type { RgbImage } from "../../../lib/image/image.ts";
import type { Stage } from "../../../lib/core/stage.ts";
import { type ClipExpert, loadClip } from "../../../lib/experts/clip/clip_expert.ts";
import { preparePictures } from "../../../lib/experts/shared/preprocess.ts";
import type { HasBlobs } from "../../../lib/tensor/weight_source.ts";
import { type Check, compare } from "../check.ts";
import { type Arrays, readArrays, readCases, readPicture } from "../fixture.ts";
import { procedure } from "../procedure.ts";
import { nhwcPixels, unitVector } from "./pixels.ts";
import { cosines, type TextCase, TextCases, tokenChecks } from "./texts.ts";

const Matrix = t.array(t.array(t.number));
const Cases = t.type({
  texts: TextCases,
  images: t.array(t.type({ name: t.string, image: t.string })),
  cosine_text_image: Matrix,
  cosine_image_image: Matrix,
});

const TOLERANCE = 1e-4;

interface Input {
  readonly expert: ClipExpert;
  readonly arrays: Arrays;
}

function textChecks(
  { expert, arrays }: Input,
  texts: readonly TextCase[],
  vectors: readonly Float32Array[],
): readonly Check[] {
  return texts.flatMap((text, index) => {
    const options = { name: `clip ${text.name}`, quantity: "embed", tolerance: TOLERANCE };
    const found = unitVector(vectors[index] as Float32Array);
    return [
      ...tokenChecks(expert.tokenizer, options.name, text),
      compare(found, arrays.numbers(`${text.name}.embed`), options),
    ];
  });
}

async function pictureChecks(
  { expert, arrays }: Input,
  name: string,
  picture: RgbImage,
): Promise<readonly Check[]> {
  const options = { name: `clip ${name}`, tolerance: TOLERANCE };
  const stored = nhwcPixels(arrays, `${name}.pixel_values`);
  const prepared = preparePictures([picture], expert.preprocess).data;
  const [vector] = await expert.embedPixels(stored);
  const found = unitVector(vector as Float32Array);
  return [
    compare(prepared, stored.data, { ...options, quantity: "pixel_values from file", tolerance: 1e-5 }),
    compare(found, arrays.numbers(`${name}.embed`), { ...options, quantity: "embed" }),
  ];
}

/**
 * Runs the CLIP cases of a fixture folder.
 *
 * @param folder A model folder with `cases.json` and `expected.safetensors`.
 */
export function clipCases(folder: string): Stage<HasFiles & HasBlobs, readonly Check[]> {
  return procedure("clip cases", async (run) => {
    const cases = await run(readCases(`${folder}/cases.json`, Cases));
    const arrays = await run(readArrays(`${folder}/expected.safetensors`));
    const expert = await run(loadClip(folder));
    const input = { expert, arrays };
    try {
      const vectors = await run(expert.embedIds(cases.texts.map(({ input_ids }) => input_ids)));
      const checks = [...textChecks(input, cases.texts, vectors)];
      const pictures: RgbImage[] = [];
      for (const { name, image } of cases.images) {
        const picture = await run(readPicture(`${folder}/${image}`));
        pictures.push(picture);
        checks.push(...await pictureChecks(input, name, picture));
      }
      const texts = await run(expert.embedTexts(cases.texts.map(({ text }) => text)));
      const images = await run(expert.embedImages(pictures));
      const shared = { name: "clip", tolerance: TOLERANCE };
      const mixed = { ...shared, quantity: "text × picture cosines from files" };
      const same = { ...shared, quantity: "picture × picture cosines from files" };
      return [
        ...checks,
        compare(cosines(texts, images), cases.cosine_text_image.flat(), mixed),
        compare(cosines(images, images), cases.cosine_image_image.flat(), same),
      ];
    } finally {
      expert.dispose();
    }
  });
}
