/**
 * A folder of Show-o reference cases: sizes, weights, cases, arrays.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles } from "../../../lib/core/capability.ts";
import { attempt, type Checked, scoped, type Stage } from "../../../lib/core/stage.ts";
import { parseShowoConfig, type ShowoConfig } from "../../../lib/showo/config.ts";
import { type Magvit, magvitWeightsFrom, parseMagvitConfig } from "../../../lib/showo/magvit_folder.ts";
import type { Policy } from "../../../lib/showo/model.ts";
import { showoWeightsFrom } from "../../../lib/showo/weights.ts";
import { type HasBlobs, openWeights, type WeightSource } from "../../../lib/tensor/weight_source.ts";
import { type Arrays, readArrays, readCases } from "../fixture.ts";
import { ShowoCases } from "./showo_case_codecs.ts";

/** What a folder of the Show-o layout holds, weights apart. */
export interface ShowoFixture {
  readonly config: ShowoConfig;
  readonly cases: ShowoCases;
  readonly arrays: Arrays;
}

const readJson = (path: string): Stage<HasFiles, unknown> =>
  pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.readText(path)),
    RTE.flatMapEither((text) =>
      attempt((problem) => ({ _tag: "ConfigInvalid", where: path, problems: [problem] }), () =>
        JSON.parse(text) as unknown)
    ),
  );

const readWeightsOf = <A>(
  path: string,
  read: (source: WeightSource) => Checked<A>,
): Stage<HasFiles & HasBlobs, A> =>
  scoped(openWeights(path), (source) => RTE.fromEither(read(source)), (source) => source.close());

/**
 * Reads sizes, cases and arrays.
 *
 * @returns The fixture; Left if a file is missing or damaged.
 */
export function readShowoFixture(folder: string): Stage<HasFiles, ShowoFixture> {
  const where = `${folder}/config.json`;
  return pipe(
    RTE.Do,
    RTE.bindW(
      "config",
      () => pipe(readJson(where), RTE.flatMapEither((json) => parseShowoConfig(json, where))),
    ),
    RTE.bindW("cases", () => readCases(`${folder}/cases.json`, ShowoCases)),
    RTE.bindW("arrays", () => readArrays(`${folder}/cases.safetensors`)),
  );
}

/**
 * Reads the transformer of a fixture.
 *
 * @returns Weights that the caller owns.
 */
export function readShowoPolicy(folder: string, config: ShowoConfig): Stage<HasFiles & HasBlobs, Policy> {
  return readWeightsOf(
    `${folder}/model.safetensors`,
    (source) => pipe(showoWeightsFrom(source, config), E.map((base) => ({ base }))),
  );
}

/**
 * Reads the image tokenizer of a fixture.
 *
 * @returns Sizes, and weights that the caller owns.
 */
export function readMagvit(folder: string): Stage<HasFiles & HasBlobs, Magvit> {
  const where = `${folder}/magvit.config.json`;
  return pipe(
    readJson(where),
    RTE.flatMapEither((json) => parseMagvitConfig(json, where)),
    RTE.flatMap((config) =>
      readWeightsOf(
        `${folder}/magvit.safetensors`,
        (source) => pipe(magvitWeightsFrom(source, config), E.map((weights) => ({ config, weights }))),
      )
    ),
  );
}

/** The image tokens of a sequence. */
export function imageSlots<A>(row: readonly A[], { textBlock, numVqTokens }: ShowoConfig): readonly A[] {
  return row.slice(textBlock + 1, textBlock + 1 + numVqTokens);
}

/** Joins the strings of a visibility matrix. */
export function bitsOf(rows: readonly string[]): readonly number[] {
  return [...rows.join("")].map(Number);
}
