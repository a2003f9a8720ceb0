/**
 * Everything loaded that the stages run on: model, tokenizers, image tokenizer; for one concept.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles } from "../core/capability.ts";
import type { PipelineError } from "../core/error.ts";
import { solidImage } from "../image/image.ts";
import { type Checked, scoped, type Stage } from "../core/stage.ts";
import type { ShowoConfig } from "../showo/config.ts";
import { type ConceptRows, initialConceptRows } from "../showo/concept_rows.ts";
import type { LoraConfig } from "../showo/lora.ts";
import { loadMagvit, type Magvit } from "../showo/magvit_folder.ts";
import { type ShowoModel, showoModel, withConcept } from "../showo/model.ts";
import { type ShowoWeights, showoWeightsFrom } from "../showo/weights.ts";
import { tf } from "../tensor/tf.ts";
import { decodeTree } from "../tensor/tree_file.ts";
import { disposeTree, type Tree } from "../tensor/tree.ts";
import { type HasBlobs, openWeights } from "../tensor/weight_source.ts";
import { conceptTokens } from "../text/name_block.ts";
import type { PhiTokenizer } from "../text/phi_tokenizer.ts";
import { freeToken } from "../text/reserved_tokens.ts";
import { type PictureCodec, pictureCodec } from "./picture_codec.ts";
import type { Profile } from "./profile.ts";
import { loadSizes, loadTokenizer, namedText, type Naming } from "./prompt_reader.ts";

/** A loaded unified model for one concept. */
export interface Runtime {
  readonly profile: Profile;
  readonly naming: Naming;
  /** Sizes and ids, the concept's rows included. */
  readonly config: ShowoConfig;
  readonly model: ShowoModel;
  /** Frozen weights. */
  readonly base: ShowoWeights;
  /** Starting values of the concept's rows. */
  readonly startRows: ConceptRows;
  readonly codec: PictureCodec;
  /** Codes of the picture that stands for no picture. */
  readonly blackCodes: Int32Array;
  /** Token ids of a text; the concept's mentions become name blocks as `naming` says. */
  readonly encodeText: (text: string) => readonly number[];
  readonly decodeText: (ids: readonly number[]) => string;
  /** Frees all weights. */
  readonly dispose: () => void;
}

const loadBase = (folder: string, config: ShowoConfig): Stage<HasFiles & HasBlobs, ShowoWeights> =>
  scoped(
    openWeights(folder),
    (source) => RTE.fromEither(showoWeightsFrom(source, config)),
    (source) => source.close(),
  );

/** Frees what was loaded before an error. */
const freeing = (loaded: Tree) => (error: PipelineError): PipelineError => {
  disposeTree(loaded);
  return error;
};

/** The trained starting values of the profile, or copies of image-code rows as the reference has them. */
function loadStartRows(
  profile: Profile,
  options: { readonly base: ShowoWeights; readonly config: ShowoConfig; readonly count: number },
): Stage<HasFiles, ConceptRows> {
  const { base, config, count } = options;
  if (profile.names === null) return RTE.fromIO(() => tf.tidy(() => initialConceptRows(base, count, config)));
  const path = profile.names;
  return pipe(
    ({ files }: HasFiles) => files.readBytes(path),
    RTE.flatMapEither((bytes) => decodeTree(bytes, path)),
    RTE.map(({ tree }) => tree as ConceptRows),
    RTE.flatMapEither((rows): Checked<ConceptRows> =>
      rows.embed.shape[0] === count ? E.right(rows) : E.left(
        freeing(rows)({
          _tag: "ShapeMismatch",
          what: `${path}: embed (one row per token of the name block)`,
          expected: [count, config.width],
          found: rows.embed.shape,
        }),
      )
    ),
  );
}

interface Loaded {
  readonly sizes: ShowoConfig;
  readonly tokenizer: PhiTokenizer;
  readonly magvit: Magvit;
  readonly base: ShowoWeights;
  readonly startRows: ConceptRows;
}

/** What is not in the profile. */
export interface RuntimeOptions {
  /** Sizes of the low-rank updates that a policy brings; without them it has none. */
  readonly lora?: LoraConfig | undefined;
}

function assemble(profile: Profile, naming: Naming, loaded: Loaded & RuntimeOptions): Runtime {
  const tokens = conceptTokens(naming.token, naming);
  const config = withConcept(loaded.sizes, tokens.length);
  const codec = pictureCodec(loaded.magvit, profile.imageSize);
  const [black = new Int32Array(0)] = codec.encode([solidImage(profile.imageSize, profile.imageSize)]);
  return {
    profile,
    naming,
    config,
    model: showoModel(config, { lora: loaded.lora }),
    base: loaded.base,
    startRows: loaded.startRows,
    codec,
    blackCodes: black,
    ...namedText(loaded.tokenizer, naming),
    dispose: () => disposeTree([loaded.base, loaded.magvit.weights, loaded.startRows]),
  };
}

/**
 * Loads a profile's unified model and image tokenizer for a concept.
 *
 * @param naming How prompts name the concept.
 * @param options Low-rank updates.
 * @returns The runtime; whoever loads it calls `dispose`. Left naming the file, field or tensor that is wrong; then nothing
 * stays loaded.
 */
export function loadRuntime(
  profile: Profile,
  naming: Naming,
  options: RuntimeOptions = {},
): Stage<HasFiles & HasBlobs, Runtime> {
  const count = conceptTokens(naming.token, naming).length;
  return pipe(
    RTE.Do,
    RTE.bindW("sizes", () => loadSizes(profile.unified)),
    RTE.bindW("tokenizer", () => loadTokenizer(profile.unified)),
    RTE.tap(({ tokenizer }) => RTE.fromEither(freeToken(tokenizer, naming.token))),
    RTE.bindW("magvit", () => loadMagvit(profile.imageTokenizer)),
    RTE.bindW(
      "base",
      ({ sizes, magvit }) => pipe(loadBase(profile.unified, sizes), RTE.mapLeft(freeing(magvit.weights))),
    ),
    RTE.bindW("startRows", ({ base, magvit, sizes: config }) =>
      pipe(
        loadStartRows(profile, { base, config, count }),
        RTE.mapLeft(freeing([base, magvit.weights])),
      )),
    RTE.flatMapEither((loaded) =>
      loaded.magvit.config.codeBits === Math.log2(loaded.sizes.vocabulary.codebookSize)
        ? E.right(assemble(profile, naming, { ...loaded, ...options }))
        : E.left(
          freeing([loaded.base, loaded.magvit.weights, loaded.startRows])({
            _tag: "ShapeMismatch",
            what: `codes of ${profile.imageTokenizer} and ${profile.unified}`,
            expected: [loaded.sizes.vocabulary.codebookSize],
            found: [2 ** loaded.magvit.config.codeBits],
          }),
        )
    ),
  );
}
