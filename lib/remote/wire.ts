/**
 * The protocol of experts behind a URL: rows as JSON with PNG pictures, and the scores that come back (docs/remote-experts.md).
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as t from "io-ts";
import { describe } from "../core/error.ts";
import { decodeImage } from "../image/image_file.ts";
import type { RgbImage } from "../image/image.ts";
import { encodePng } from "../image/png.ts";
import type { Reading } from "../metrics/judge/reply.ts";
import type { RewardConcept, RewardRow } from "../rewards/expert.ts";

/** Version of the protocol, in every request. */
export const PROTOCOL = 1;

const pngText = (image: RgbImage): string => encodePng(image).toBase64();

/** Photos stay the same from update to update, so they are encoded once. */
const encoded = new WeakMap<readonly RgbImage[], readonly string[]>();

function photosText(photos: readonly RgbImage[]): readonly string[] {
  const known = encoded.get(photos) ?? photos.map(pngText);
  encoded.set(photos, known);
  return known;
}

/**
 * Writes a request.
 *
 * @param rows The rows to score; none asks only whether the server is there.
 * @param options.photos Whether the reference photos of concepts are sent.
 * @returns JSON for `POST`; each concept stands in it once, rows name it by its place.
 */
export function requestBody(
  rows: readonly RewardRow[],
  { photos }: { readonly photos: boolean },
): string {
  const concepts = [...new Set(rows.map(({ concept }) => concept))];
  return JSON.stringify({
    protocol: PROTOCOL,
    concepts: concepts.map(({ id, token, className, category, references }) => ({
      ...{ id, token, class_name: className, category },
      photos: photos ? photosText(references) : [],
    })),
    rows: rows.map((row) => ({
      concept: concepts.indexOf(row.concept),
      ...{ mode: row.mode, question: row.question, prompt: row.prompt },
      ...{ compound_prompt: row.compoundPrompt, explicit_prompt: row.explicitPrompt ?? null },
      ...{ answer: row.reasoning, candidates: row.candidates, truth_index: row.truthIndex },
      image: pngText(row.image),
    })),
  });
}

const requestCodec = t.type({
  protocol: t.literal(PROTOCOL),
  concepts: t.array(t.type({
    ...{ id: t.string, token: t.string, class_name: t.string, photos: t.array(t.string) },
    category: t.union([t.literal("human"), t.literal("animal"), t.literal("object")]),
  })),
  rows: t.array(t.type({
    concept: t.Int,
    mode: t.union([t.literal("visual"), t.literal("textual")]),
    ...{ question: t.string, prompt: t.string, compound_prompt: t.string },
    explicit_prompt: t.union([t.string, t.null]),
    ...{ answer: t.string, candidates: t.array(t.string), truth_index: t.Int, image: t.string },
  })),
});

type WireConcept = t.TypeOf<typeof requestCodec>["concepts"][number];
type WireRow = t.TypeOf<typeof requestCodec>["rows"][number];

const readPng = (what: string) => (text: string): Reading<RgbImage> =>
  pipe(
    E.tryCatch(() => Uint8Array.fromBase64(text), () => `${what} is no base64`),
    E.flatMap((bytes) => pipe(decodeImage(bytes, what), E.mapLeft(describe))),
    E.map(({ image }) => image),
  );

/** Makes photos of a concept; those that were seen before are the same array, so that experts know their features. */
export type PhotoMemory = (photos: readonly string[]) => Reading<readonly RgbImage[]>;

/**
 * Makes the memory for photos that come with every request.
 *
 * @param concepts How many concepts are remembered.
 * @returns A function that decodes photos, and gives the same array for the same photos.
 */
export function photoMemory(concepts = 16): PhotoMemory {
  const known = new Map<string, readonly RgbImage[]>();
  return (photos) => {
    const key = photos.join(" ");
    return pipe(
      known.has(key)
        ? E.right(known.get(key) as readonly RgbImage[])
        : E.traverseArray(readPng("a photo"))(photos),
      E.map((images) => {
        known.delete(key);
        known.set(key, images);
        if (known.size > concepts) known.delete([...known.keys()][0] as string);
        return images;
      }),
    );
  };
}

const readConcept = (memory: PhotoMemory) => (concept: WireConcept): Reading<RewardConcept> =>
  pipe(
    memory(concept.photos),
    E.map((references) => {
      const { id, token, class_name: className, category } = concept;
      return { id, token, className, category, references };
    }),
  );

const readRow = (concepts: readonly RewardConcept[]) => (index: number, row: WireRow): Reading<RewardRow> => {
  const concept = concepts[row.concept];
  if (concept === undefined) return E.left(`rows[${index}] names a concept that is not in concepts`);
  return pipe(
    readPng(`rows[${index}].image`)(row.image),
    E.map((image) => ({
      ...{ concept, image, mode: row.mode, question: row.question, prompt: row.prompt },
      compoundPrompt: row.compound_prompt,
      ...(row.explicit_prompt === null ? {} : { explicitPrompt: row.explicit_prompt }),
      ...{ reasoning: row.answer, candidates: row.candidates, truthIndex: row.truth_index },
    })),
  );
};

const jsonOf = (body: string): Reading<unknown> =>
  E.tryCatch(() => JSON.parse(body) as unknown, () => "is no JSON");

/**
 * Reads a request, for the side that serves.
 *
 * @param body What {@link requestBody} wrote.
 * @param memory From {@link photoMemory}; shared by all requests.
 * @returns The rows; or what is wrong, with the key.
 */
export function readRequest(body: string, memory: PhotoMemory): Reading<readonly RewardRow[]> {
  return pipe(
    jsonOf(body),
    E.flatMap((value) =>
      pipe(
        requestCodec.decode(value),
        E.mapLeft((errors) => {
          const path = errors[0]?.context.map(({ key }) => key).filter((key) => key !== "").join(".") ?? "";
          return path === "" ? "is no object" : `is not as the protocol has it at ${path}`;
        }),
      )
    ),
    E.flatMap(({ concepts, rows }) =>
      pipe(
        E.traverseArray(readConcept(memory))(concepts),
        E.flatMap((known) => E.traverseArrayWithIndex(readRow(known))(rows)),
      )
    ),
  );
}

/**
 * Writes the reply of an expert.
 *
 * @param scores One per row; NaN = does not apply.
 * @returns JSON with `null` for NaN; numbers come back bit for bit, −0 as 0.
 */
export function replyBody(scores: Float32Array): string {
  return JSON.stringify({ scores: Array.from(scores, (score) => Number.isNaN(score) ? null : score) });
}

const repliesCodec = t.type({ scores: t.array(t.unknown) });

/** What the first characters of a reply show; it may be a page of a proxy. */
function unreadable(body: string): string {
  if (/^\s*</.test(body)) return "is a web page, not JSON; is the address that of an expert?";
  if (/\b(?:NaN|Infinity)\b/.test(body)) {
    return "has NaN or Infinity in it, which JSON does not know; where the expert does not apply, write null";
  }
  return body.trim() === "" ? "is empty" : `is no JSON: ${JSON.stringify(body.slice(0, 40))}`;
}

const readScore = (index: number, score: unknown): Reading<number> => {
  if (score === null) return E.right(NaN);
  if (typeof score === "number" && Number.isFinite(Math.fround(score))) return E.right(score);
  const found = typeof score === "number" ? `${score}` : JSON.stringify(score).slice(0, 40);
  return E.left(`has ${found} as scores[${index}]; a score is a finite number, or null`);
};

/**
 * Reads the reply of an expert.
 *
 * @param body What the server wrote.
 * @param rows How many rows it was sent.
 * @returns One score per row, `null` as NaN; or what is wrong, as in "the reply …".
 *
 * @example
 * ```ts
 * import { readScores } from "./wire.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(readScores('{"scores": [0.5, null]}', 2), { _tag: "Right", right: Float32Array.of(0.5, NaN) });
 * assert.deepEqual(readScores('{"scores": [1]}', 2), { _tag: "Left", left: "has 1 scores for 2 rows" });
 * ```
 */
export function readScores(body: string, rows: number): Reading<Float32Array> {
  return pipe(
    jsonOf(body),
    E.mapLeft(() => unreadable(body)),
    E.flatMap((value) =>
      pipe(repliesCodec.decode(value), E.mapLeft(() => 'has no list "scores": {"scores": [0.5, null]}'))
    ),
    E.flatMap(({ scores }) =>
      scores.length === rows ? E.right(scores) : E.left(`has ${scores.length} scores for ${rows} rows`)
    ),
    E.flatMap(E.traverseArrayWithIndex(readScore)),
    E.map((scores) => Float32Array.from(scores)),
  );
}
