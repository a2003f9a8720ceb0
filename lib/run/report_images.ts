/**
 * What images look like, for a page: statistics beside those of the photos, warnings, and the images nearest to a photo.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { join } from "node:path";
import { loadImageFile } from "../concept/photo.ts";
import type { HasFiles } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import { squareTo } from "../image/crop.ts";
import { encodePng } from "../image/png.ts";
import { stepName } from "./checkpoint_folder.ts";
import type { Evaluation, Images, NearestImage } from "./evaluation.ts";
import { placeOfImage } from "./report_gallery.ts";
import { escapeHtml, htmlPicture, htmlTable, numberCell, scoreText } from "./report_page.ts";

/** An image with the training photo that it is nearest to, both as PNG files. */
export interface ShownNearest extends NearestImage {
  readonly png: Uint8Array;
  readonly photoPng: Uint8Array;
}

/** Pairs on a page. */
const SHOWN = 4;

/** Pixels a side of a photo on a page at most. */
const SIDE = 256;

const TITLES: Readonly<Record<string, string>> = {
  edge_density: "edges: share of neighbouring pixels",
  colour_entropy: "colours: entropy, bits",
  saturation: "saturation",
  dark_share: "dark pixels: share",
  diversity: "difference inside a prompt: 1 − cos",
  copies: "copies of training photos: share",
  nearest_bits: "nearest photo: hash, bits of 64",
  nearest_cosine: "nearest photo: cosine of features",
};

const thumbnail = (path: string): Stage<HasFiles, Uint8Array> =>
  pipe(
    loadImageFile(path),
    RTE.map(({ image }) => encodePng(squareTo(image, Math.min(image.width, image.height, SIDE)))),
  );

/**
 * Reads the images of the last evaluation that are nearest to a training photo.
 *
 * @param folder The run's `eval` folder.
 * @param evaluations The evaluations, oldest first.
 * @returns Up to four pairs; one whose files are gone is left out.
 */
export function readNearest(
  folder: string,
  evaluations: readonly Evaluation[],
): Stage<HasFiles, readonly ShownNearest[]> {
  const last = evaluations.at(-1);
  const own = join(folder, stepName(last?.step ?? 0));
  return pipe(
    (last?.images?.nearest ?? []).slice(0, SHOWN),
    RTE.traverseSeqArray((nearest) =>
      pipe(
        RTE.Do,
        RTE.bindW("png", () => thumbnail(placeOfImage(own, nearest.image))),
        RTE.bindW("photoPng", () => thumbnail(nearest.photo)),
        RTE.map((files): readonly ShownNearest[] => [{ ...nearest, ...files }]),
        RTE.orElse((): Stage<HasFiles, readonly ShownNearest[]> => RTE.right([])),
      )
    ),
    RTE.map((pairs) => pairs.flat()),
  );
}

/**
 * Lists the statistics of images as a table.
 *
 * @param evaluations Oldest first.
 * @returns Head and rows: a row per statistic, a column per evaluated step, the training photos last; no rows without images.
 */
export function imageRows(
  evaluations: readonly Evaluation[],
): { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] } {
  const seen = evaluations.flatMap(({ step, images }) => images === undefined ? [] : [{ step, images }]);
  const names = Object.keys(TITLES).filter((name) => seen.some(({ images }) => name in images.scores));
  const photos: Images["photos"] = seen.at(-1)?.images.photos ?? {};
  return {
    head: ["statistic", ...seen.map(({ step }) => `step ${step}`), "training photos"],
    rows: names.map((name) => [
      TITLES[name] as string,
      ...seen.map(({ images }) => scoreText(images.scores[name])),
      numberCell(photos[name]),
    ]),
  };
}

/**
 * Says how near an image is to a photo.
 *
 * @returns `copy: 2 of 64 bits, cosine 0.997`.
 */
export function nearestText({ bits, cosine, copy }: NearestImage): string {
  const features = cosine === null ? "" : `, cosine ${cosine.toFixed(3)}`;
  return `${copy ? "copy" : "no copy"}: ${bits} of 64 bits${features}`;
}

function pairCard(pair: ShownNearest): string {
  const pictures = htmlPicture(pair.png, `${pair.task} ${pair.item}`) +
    htmlPicture(pair.photoPng, "nearest training photo");
  return `<div class="card drawn"><div class="pair">${pictures}</div><p class="note">${
    escapeHtml(nearestText(pair))
  }</p></div>`;
}

/**
 * Makes the section of a report on what images look like.
 *
 * @param evaluations Oldest first.
 * @param nearest From {@link readNearest}.
 * @returns HTML; empty if no evaluation measured images.
 */
export function htmlImages(evaluations: readonly Evaluation[], nearest: readonly ShownNearest[]): string {
  const { head, rows } = imageRows(evaluations);
  if (rows.length === 0) return "";
  const warnings = evaluations.flatMap(({ step, images }) =>
    (images?.warnings ?? []).map((line) =>
      `<p class="note"><b>step ${step}, warning:</b> ${escapeHtml(line)}</p>`
    )
  );
  const pairs = nearest.length === 0 ? "" : `<h3 class="task">Images nearest to a training photo</h3>` +
    `<div class="gallery">${nearest.map(pairCard).join("\n")}</div>`;
  return `<h2>What the images look like</h2>\n<div class="card">${htmlTable(head, rows)}` +
    `<p class="note">Watched beside the rewards, never one of them.</p>${warnings.join("")}</div>\n${pairs}`;
}
