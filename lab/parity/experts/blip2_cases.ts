/**
 * BLIP-2 against its reference: tokens, preprocessing, picture tower, both scores.
 *
 * @module
 */
import * as t from "io-ts";
import type { HasFiles } from "../../../lib/core/capability.ts";
import type { RgbImage } from "../../../lib/image/image.ts";
import type { Stage } from "../../../lib/core/stage.ts";
import { bestCosine, type Blip2Expert } from "../../../lib/experts/blip2/blip2_expert.ts";
import { loadBlip2 } from "../../../lib/experts/blip2/blip2_load.ts";
import { preparePictures } from "../../../lib/experts/shared/preprocess.ts";
import type { HasBlobs } from "../../../lib/tensor/weight_source.ts";
import { type Check, compare } from "../check.ts";
import { type Arrays, readArrays, readCases, readPicture } from "../fixture.ts";
import { procedure, type Run } from "../procedure.ts";
import { nhwcPixels } from "./pixels.ts";
import { TextCases, tokenChecks } from "./texts.ts";

const Cases = t.type({
  max_length: t.number,
  texts: TextCases,
  images: t.array(t.type({ name: t.string, image: t.string })),
  itc_text_image: t.array(t.array(t.number)),
  itm: t.array(t.type({ text: t.string, image: t.string, logits: t.array(t.number), p_match: t.number })),
});
type Cases = t.TypeOf<typeof Cases>;

const TOLERANCE = 1e-4;

interface Input {
  readonly expert: Blip2Expert;
  readonly cases: Cases;
  readonly arrays: Arrays;
  readonly pictures: ReadonlyMap<string, RgbImage>;
}

async function textChecks({ expert, cases, arrays }: Input): Promise<readonly Check[]> {
  const vectors = await expert.network.embedIds(cases.texts.map(({ input_ids }) => input_ids));
  return cases.texts.flatMap((text, index) => {
    const options = { name: `blip2 ${text.name}`, quantity: "embed", tolerance: TOLERANCE };
    const found = vectors[index] as Float32Array;
    return [
      ...tokenChecks(expert.tokenizer, options.name, text),
      compare(found, arrays.numbers(`${text.name}.embed`), options),
    ];
  });
}

async function pictureChecks({ expert, arrays, pictures }: Input): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const [name, picture] of pictures) {
    const options = { name: `blip2 ${name}`, tolerance: TOLERANCE };
    const stored = nhwcPixels(arrays, `${name}.pixel_values`);
    const prepared = preparePictures([picture], expert.preprocess).data;
    const quantity = "pixel_values from file";
    checks.push(compare(prepared, stored.data, { ...options, quantity, tolerance: 1e-5 }));
    for (const field of ["vision_last_hidden_state", "query_embeds"]) {
      if (!arrays.has(`${name}.${field}`)) continue;
      const network = field === "query_embeds" ? expert.network.embedPixels : expert.network.hiddenStates;
      const [found] = await network(stored);
      checks.push(compare(found ?? [], arrays.numbers(`${name}.${field}`), { ...options, quantity: field }));
    }
  }
  const name = "direct_nonnative";
  const [found] = await expert.network.hiddenStates(nhwcPixels(arrays, `${name}.pixel_values`));
  const field = "vision_last_hidden_state";
  const options = { name: `blip2 ${name}`, quantity: field, tolerance: TOLERANCE };
  return [...checks, compare(found ?? [], arrays.numbers(`${name}.${field}`), options)];
}

async function matchChecks({ expert, cases, arrays }: Input): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const { text, image, logits } of cases.itm) {
    const ids = cases.texts.find(({ name }) => name === text)?.input_ids ?? [];
    const [found] = await expert.network.match(nhwcPixels(arrays, `${image}.pixel_values`), [ids]);
    const options = { name: `blip2 ${text} × ${image}`, quantity: "itm logits", tolerance: TOLERANCE };
    checks.push(compare(found ?? [], logits, options));
  }
  return checks;
}

async function pairChecks(
  { expert, cases, pictures }: Input,
  run: Run<unknown>,
): Promise<readonly Check[]> {
  const images = cases.itm.map(({ image }) => pictures.get(image) as RgbImage);
  const rows = cases.itm.map(({ text }) => cases.texts.findIndex(({ name }) => name === text));
  const columns = cases.itm.map(({ image }) => [...pictures.keys()].indexOf(image));
  const texts = rows.map((row) => cases.texts[row]?.text ?? "");
  const contrastive = rows.map((row, pair) => cases.itc_text_image[row]?.[columns[pair] ?? 0] ?? NaN);
  const matches = cases.itm.map(({ p_match }) => p_match);
  const shared = { name: "blip2 pairs", tolerance: TOLERANCE };
  return [
    compare(await run(expert.itc(images, texts)), contrastive, { ...shared, quantity: "itc from files" }),
    compare(await run(expert.itm(images, texts)), matches, { ...shared, quantity: "p_match from files" }),
  ];
}

/**
 * Runs the BLIP-2 cases of a fixture folder.
 *
 * @param folder A model folder with `cases.json` and `expected.safetensors`.
 * @param options.stream Whether layers are read from disk for every batch.
 */
export function blip2Cases(
  folder: string,
  options: { readonly stream?: boolean } = {},
): Stage<HasFiles & HasBlobs, readonly Check[]> {
  return procedure("blip2 cases", async (run) => {
    const cases = await run(readCases(`${folder}/cases.json`, Cases));
    const arrays = await run(readArrays(`${folder}/expected.safetensors`));
    const stream = options.stream ?? false;
    const expert = await run(loadBlip2(folder, { maxLength: cases.max_length, stream }));
    try {
      const pictures = new Map<string, RgbImage>();
      for (const { name, image } of cases.images) {
        pictures.set(name, await run(readPicture(`${folder}/${image}`)));
      }
      const input = { expert, cases, arrays, pictures };
      const checks = [...await textChecks(input), ...await pictureChecks(input), ...await matchChecks(input)];
      const queries = await run(expert.embedImages([...pictures.values()]));
      const texts = await run(expert.embedTexts(cases.texts.map(({ text }) => text)));
      const every = texts.flatMap((text) => queries.map((picture) => bestCosine(picture, text)));
      const shared = { name: "blip2", tolerance: TOLERANCE };
      return [
        ...checks,
        compare(every, cases.itc_text_image.flat(), { ...shared, quantity: "itc from files" }),
        ...await pairChecks(input, run),
      ];
    } finally {
      expert.dispose();
    }
  });
}
