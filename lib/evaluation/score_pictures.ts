/**
 * Scores of pictures: likeness to photos, likeness to a text, clauses that a judge sees, faces.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RA from "fp-ts/lib/ReadonlyArray.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Concept } from "../concept/concept.ts";
import { squareTo } from "../image/crop.ts";
import { decodeImage } from "../image/image_file.ts";
import { readHeader } from "../image/image_header.ts";
import { loadImageFile } from "../concept/photo.ts";
import type { HasFiles } from "../core/capability.ts";
import type { RgbImage } from "../image/image.ts";
import type { Stage } from "../core/stage.ts";
import {
  clipImageScore,
  clipText,
  clipTextScore,
  prototypeScore,
  realImagesScore,
} from "../metrics/clip_score.ts";
import { faceSimilarity } from "../metrics/face_similarity.ts";
import type { ImageStatistics } from "../metrics/image_statistics.ts";
import type { JudgedImage } from "../metrics/judge/judge.ts";
import { segmentMean } from "../metrics/segments.ts";
import { identityClauses } from "../world/identity.ts";
import { type ImageFacts, loadPhotoLooks, lookAt, type PhotoLooks, withLooks } from "./image_look.ts";
import type { DrawItem } from "./item.ts";
import type { PictureRow } from "./prediction_rows.ts";
import {
  type ClipFlavour,
  type EvaluationExperts,
  referencePhotos,
  type ScoredItem,
  type ScoredSegment,
  type ScoreOptions,
} from "./scored.ts";

/** What pictures of a concept are compared with: one vector a photo. */
interface References {
  readonly clip: readonly Float32Array[];
  readonly dino: readonly Float32Array[];
  readonly faces: readonly (Float32Array | null)[];
}

interface PictureContext<R> {
  readonly concept: Concept;
  readonly experts: EvaluationExperts<R>;
  readonly options: ScoreOptions;
}

/**
 * Prepares a picture as the public UniCTokens script does before CLIP: middle square of 512 pixels, contrast halved, brightness
 * in the upper half.
 *
 * @returns `(x + 1) / 2` of values in [0, 1], rounded to 8 bits.
 */
export function legacyContrast(image: RgbImage): RgbImage {
  const square = squareTo(image, 512);
  return { ...square, data: square.data.map((value) => Math.round((value + 255) / 2)) };
}

const prepared = (images: readonly RgbImage[], flavour: ClipFlavour): readonly RgbImage[] =>
  flavour === "standard" ? images : images.map(legacyContrast);

const NOTHING: Stage<unknown, readonly never[]> = RTE.right([]);

const embedClip = (images: readonly RgbImage[], { experts, options }: PictureContext<never>) =>
  experts.clip === null ? NOTHING : experts.clip.embedImages(prepared(images, options.clipFlavour));

const embedDino = (
  images: readonly RgbImage[],
  { experts }: PictureContext<never>,
): Stage<unknown, readonly Float32Array[]> =>
  experts.dino === null
    ? NOTHING
    : pipe(experts.dino.embed(images), RTE.map((features) => features.map(({ cls }) => cls)));

const embedFaces = (images: readonly RgbImage[], { experts, concept }: PictureContext<never>) =>
  experts.faces === null || concept.category !== "human" ? NOTHING : experts.faces.embed(images);

const vectorsOf = (images: readonly RgbImage[], context: PictureContext<never>): Stage<unknown, References> =>
  pipe(
    RTE.Do,
    RTE.bindW("clip", () => embedClip(images, context)),
    RTE.bindW("dino", () => embedDino(images, context)),
    RTE.bindW("faces", () => embedFaces(images, context)),
  );

const loadReferences = (context: PictureContext<never>): Stage<HasFiles, References> =>
  pipe(
    referencePhotos(context.concept, context.options.references),
    RTE.traverseSeqArray((path) => pipe(loadImageFile(path), RTE.map(({ image }) => image))),
    RTE.flatMap((images) => vectorsOf(images, context)),
  );

/** A picture on its way through the experts. */
interface Loaded {
  readonly item: DrawItem;
  readonly row: PictureRow;
  readonly file: JudgedImage;
  readonly image: RgbImage;
}

const loadPicture = ({ item, row }: Pick<Loaded, "item" | "row">): Stage<HasFiles, Loaded> =>
  pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.readBytes(row.image)),
    RTE.bindTo("bytes"),
    RTE.bindW("header", ({ bytes }) => RTE.fromEither(readHeader(bytes, row.image))),
    RTE.bindW("decoded", ({ bytes }) => RTE.fromEither(decodeImage(bytes, row.image))),
    RTE.map(({ bytes, header, decoded }): Loaded => {
      const mediaType = header.kind === "jpeg"
        ? "image/jpeg"
        : header.kind === "webp"
        ? "image/webp"
        : "image/png";
      return { item, row, file: { bytes, mediaType }, image: decoded.image };
    }),
  );

/** Embeddings of the texts that pictures are compared with, by text. */
const embedTexts = (
  items: readonly DrawItem[],
  { concept, experts, options }: PictureContext<never>,
): Stage<unknown, ReadonlyMap<string, Float32Array>> => {
  const texts = [...new Set(items.flatMap(({ wanted }) => wanted ?? []))];
  if (experts.clip === null || texts.length === 0) return RTE.right(new Map());
  const read = texts.map((text) => clipText(text, concept, { token: options.tokenText }));
  return pipe(
    experts.clip.embedTexts(read),
    RTE.map((vectors) => new Map(texts.map((text, index) => [text, vectors[index] as Float32Array]))),
  );
};

const judgeOne =
  <R>({ experts }: PictureContext<R>) => ({ item, file }: Loaded): Stage<R, readonly ScoredSegment[]> => {
    if (experts.judge === null || item.segments.length === 0) return RTE.right([]);
    return pipe(
      experts.judge.segments(file, item.segments),
      RTE.map((scores) => item.segments.map((text, index) => ({ text, score: scores[index] ?? null }))),
    );
  };

interface Measured {
  readonly photos: PhotoLooks;
  readonly imageScore: ScoreOptions["imageScore"];
  readonly references: References;
  readonly texts: ReadonlyMap<string, Float32Array>;
}

type Scores = Readonly<Record<string, number | null>>;

function faceScores(references: References, face: Float32Array | null): Scores {
  const { faceSim, faceSimZeroFill, detectionRate } = faceSimilarity(references.faces, [face]);
  return { face_sim: faceSim, face_sim_zero_fill: faceSimZeroFill, face_detection: detectionRate };
}

/** How much of the concept's own look a picture shows; nothing where its `info` does not say it attribute by attribute. */
const identityOf =
  <R>({ experts, concept }: PictureContext<R>) => ({ item, file }: Loaded): Stage<R, Scores> => {
    const clauses = identityClauses(concept.info);
    if (experts.judge === null || clauses.length === 0 || item.task === "face") return RTE.right({});
    return pipe(
      experts.judge.segments(file, clauses),
      RTE.map((scores) => ({ [`${item.task}_identity`]: segmentMean(scores) })),
    );
  };

/** Which scores a picture of a task can have, with the given experts; without one every score is `null`. */
function emptyScores(item: DrawItem, { experts, options, concept }: PictureContext<never>): Scores {
  const blank = options.missingAsZero ? 0 : null;
  const names = item.task === "face"
    ? experts.faces === null || concept.category !== "human"
      ? []
      : ["face_sim", "face_sim_zero_fill", "face_detection"]
    : [
      ...(experts.clip === null ? [] : [`${item.task}_clip_t`, `${item.task}_clip_i`]),
      ...(experts.dino === null ? [] : [`${item.task}_dino_i`]),
      ...(experts.judge === null ? [] : [`${item.task}_judge`]),
      ...(experts.judge === null || identityClauses(concept.info).length === 0
        ? []
        : [`${item.task}_identity`]),
    ];
  const textless = (name: string): boolean => item.wanted === null && /_(clip_t|judge)$/.test(name);
  return Object.fromEntries(names.map((name) => [name, textless(name) ? null : blank]));
}

function likeness(
  item: DrawItem,
  vectors: { readonly clip: Float32Array | undefined; readonly dino: Float32Array | undefined },
  { references, texts, imageScore }: Measured,
): Scores {
  const { task, wanted } = item;
  const text = wanted === null ? undefined : texts.get(wanted);
  return {
    ...(vectors.clip === undefined ? {} : {
      [`${task}_clip_t`]: text === undefined ? null : clipTextScore(text, [vectors.clip]),
      [`${task}_clip_i`]: (imageScore === "pairs" ? clipImageScore : prototypeScore)(references.clip, [
        vectors.clip,
      ]),
    }),
    ...(vectors.dino === undefined
      ? {}
      : { [`${task}_dino_i`]: clipImageScore(references.dino, [vectors.dino]) }),
  };
}

function scoredItem(
  item: DrawItem,
  row: PictureRow | null,
  found: { readonly concept: Concept; readonly scores: Scores; readonly segments: readonly ScoredSegment[] },
): ScoredItem {
  return {
    concept: found.concept.id,
    category: found.concept.category,
    task: item.task,
    item: item.id,
    sample: row?.sample ?? 0,
    prompt: item.prompt,
    reference: item.wanted,
    prediction: null,
    image: row?.image ?? null,
    promptUsed: row?.promptUsed ?? null,
    reasoning: row?.reasoning ?? null,
    scores: found.scores,
    segments: found.segments,
    look: null,
  };
}

function scoreBatch<R>(
  batch: readonly Pick<Loaded, "item" | "row">[],
  measured: Measured,
  context: PictureContext<R>,
): Stage<R & HasFiles, readonly (ImageFacts & { readonly item: ScoredItem })[]> {
  const plain = context as PictureContext<never>;
  return pipe(
    RTE.traverseSeqArray(loadPicture)(batch),
    RTE.bindTo("loaded"),
    RTE.bindW("vectors", ({ loaded }) => vectorsOf(loaded.map(({ image }) => image), plain)),
    RTE.bindW(
      "segments",
      ({ loaded }) => RTE.traverseArray(judgeOne(context))(loaded),
    ),
    RTE.bindW("identities", ({ loaded }) => RTE.traverseArray(identityOf(context))(loaded)),
    RTE.map(({ loaded, vectors, segments, identities }) =>
      loaded.map(({ item, row, image }, index) => {
        const seen = segments[index] ?? [];
        const judge = segmentMean(seen.map(({ score }) => score));
        const scores = item.task === "face"
          ? vectors.faces.length === 0 ? {} : faceScores(measured.references, vectors.faces[index] ?? null)
          : {
            ...likeness(item, { clip: vectors.clip[index], dino: vectors.dino[index] }, measured),
            ...(context.experts.judge === null ? {} : { [`${item.task}_judge`]: judge }),
            ...identities[index],
          };
        return {
          item: scoredItem(item, row, { concept: context.concept, scores, segments: seen }),
          ...lookAt(image, vectors.dino[index] ?? null, measured.photos),
        };
      })
    ),
  );
}

const NO_REFERENCES: References = { clip: [], dino: [], faces: [] };

/** Scores of the pictures, and of the photos among themselves. */
export interface PictureScores {
  readonly items: readonly ScoredItem[];
  /** Mean likeness of the photos to all of them, by metric: the row "Real Images". */
  readonly realImages: Scores;
  /** Mean statistics of the training photos; `null` without photos. */
  readonly photos: ImageStatistics | null;
}

const realImages = ({ clip, dino, faces }: References): Scores => ({
  ...(clip.length === 0 ? {} : { clip_i: realImagesScore(clip) }),
  ...(dino.length === 0 ? {} : { dino_i: realImagesScore(dino) }),
  ...(faces.length === 0 ? {} : { face_sim: faceSimilarity(faces, faces).faceSim }),
});

/**
 * Scores the pictures of a concept.
 *
 * @param rows Pictures by item, `task/id`, files relative to the working folder.
 * @param context Concept, experts, rules.
 * @returns One scored item per picture; a prompt without a picture has one whose scores are `null`.
 */
export function scorePictures<R>(
  items: readonly DrawItem[],
  rows: ReadonlyMap<string, readonly PictureRow[]>,
  context: PictureContext<R>,
): Stage<R & HasFiles, PictureScores> {
  const plain = context as PictureContext<never>;
  const { concept, options } = context;
  const drawn = items.flatMap((item) =>
    (rows.get(`${item.task}/${item.id}`) ?? []).map((row) => ({ item, row }))
  );
  const undrawn = items.filter((item) => (rows.get(`${item.task}/${item.id}`) ?? []).length === 0)
    .map((item) => scoredItem(item, null, { concept, scores: emptyScores(item, plain), segments: [] }));
  return pipe(
    RTE.Do,
    RTE.bindW("references", () => items.length === 0 ? RTE.right(NO_REFERENCES) : loadReferences(plain)),
    RTE.bindW(
      "photos",
      () =>
        loadPhotoLooks(drawn.length === 0 ? [] : concept.trainImages, (images) => embedDino(images, plain)),
    ),
    RTE.bindW("texts", () => embedTexts(items, plain)),
    RTE.bindW(
      "scored",
      (measured) =>
        RTE.traverseSeqArray((batch: readonly (typeof drawn)[number][]) =>
          scoreBatch(batch, { ...measured, imageScore: options.imageScore }, context)
        )(
          RA.chunksOf(options.pictureBatch)(drawn),
        ),
    ),
    RTE.map(({ references, photos, scored }) => ({
      items: [...withLooks(scored.flat()), ...undrawn],
      realImages: realImages(references),
      photos: photos.statistics,
    })),
  );
}
