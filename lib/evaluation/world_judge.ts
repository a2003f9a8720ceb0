/**
 * The judge of the procedural world: no language model, but a reader of pictures and a reader of the world's grammar.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { decodeImage } from "../image/image_file.ts";
import type { Stage } from "../core/stage.ts";
import type { AttributeReader, Sights } from "../experts/attribute_reader/attribute_reader_load.ts";
import type { Judge, JudgedImage } from "../metrics/judge/judge.ts";
import { shareUnderWay } from "../metrics/judge/share.ts";
import { clauseHolds, constraintsOf } from "../world/scene_truth.ts";
import { gradeText } from "./world_text.ts";

/** How sure the reader must be. */
export interface WorldJudgeOptions {
  /** Calibrated probability of every attribute that a clause speaks of, from which on it is clearly shown; default 0.7. */
  readonly sure?: number;
}

/** The id of {@link worldJudge}, as it stands beside its numbers. */
export const WORLD_JUDGE = "world: attribute reader";

/**
 * Judges one clause by what was read off a picture.
 *
 * @param sights What was read.
 * @param sure The confidence from which on an attribute is clearly shown.
 * @returns 1 if all that it says was seen clearly, 0.5 if it was seen but not clearly, 0 if something else was seen; `null` if
 * it says nothing that can be checked.
 *
 * @example
 * ```ts
 * import { judgeClause } from "./world_judge.ts";
 * import assert from "node:assert/strict";
 * const sights = { kind: { value: "dog", confidence: 0.99 }, accessory: { value: "hat", confidence: 0.55 } };
 * assert.equal(judgeClause("a photo of the dog", sights, 0.7), 1);
 * assert.equal(judgeClause("the dog wears a hat", sights, 0.7), 0.5);
 * assert.equal(judgeClause("the cat", sights, 0.7), 0);
 * assert.equal(judgeClause("in the jungle", sights, 0.7), null);
 * ```
 */
export function judgeClause(clause: string, sights: Sights, sure: number): number | null {
  const values = Object.fromEntries(Object.entries(sights).map(([topic, { value }]) => [topic, value]));
  const holds = clauseHolds(clause, values);
  if (holds === null) return null;
  if (!holds) return 0;
  const clear = Object.keys(constraintsOf(clause)).every((topic) => (sights[topic]?.confidence ?? 0) >= sure);
  return clear ? 1 : 0.5;
}

/**
 * Makes a judge from an attribute reader that no reward and no loss has ever seen.
 *
 * @param options How sure it must be.
 * @returns The judge; Left `InputInvalid` for a picture that cannot be decoded. The same picture is read once.
 */
export function worldJudge(
  reader: Pick<AttributeReader, "read">,
  options: WorldJudgeOptions = {},
): Judge<unknown> {
  const { sure = 0.7 } = options;
  const seen = new Map<string, Sights>();
  const share = shareUnderWay();
  const look = (image: JudgedImage, name: string): Stage<unknown, Sights> =>
    pipe(
      RTE.fromEither(decodeImage(image.bytes, "the judged picture")),
      RTE.flatMap(({ image: picture }) => reader.read([picture])),
      RTE.map(([sights]) => {
        seen.set(name, sights as Sights);
        return sights as Sights;
      }),
    );
  const sightsOf = (image: JudgedImage): Stage<unknown, Sights> => {
    const name = createHash("sha256").update(image.bytes).digest("hex");
    const known = seen.get(name);
    return known === undefined ? share(name, look(image, name)) : RTE.right(known);
  };
  return {
    id: WORLD_JUDGE,
    text: (item) => RTE.right(gradeText(item)),
    segments: (image, segments) =>
      pipe(sightsOf(image), RTE.map((sights) => segments.map((clause) => judgeClause(clause, sights, sure)))),
  };
}
