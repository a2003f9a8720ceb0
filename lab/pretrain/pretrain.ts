/**
 * The order of pretraining: what must be there before what.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { stringify } from "@std/yaml";
import type { HasClock, HasFiles, HasInterrupt, HasLog } from "../../lib/core/capability.ts";
import { DONE, scoped, type Stage } from "../../lib/core/stage.ts";
import type { AttributeReaderWeights } from "../../lib/experts/attribute_reader/attribute_reader.ts";
import { type BackendOptions, openBackend } from "../../lib/tensor/backend.ts";
import { copyTree, disposeTree } from "../../lib/tensor/tree.ts";
import type { HasBlobs } from "../../lib/tensor/weight_source.ts";
import type { MagvitWeights } from "../../lib/showo/magvit.ts";
import { charactersOf } from "../../lib/world/scene.ts";
import { blackCodes, codedScenes } from "./coded_scenes.ts";
import { magvitConfigOf, type Pretraining } from "./config.ts";
import { keepCurve } from "./curves.ts";
import { EXPERT_PARTS, expertPart } from "./experts/parts.ts";
import { exporters } from "./export.ts";
import { decoderTraining, type PartContext, readerTraining, tokenizerTraining } from "./parts.ts";
import { train, type TrainingState } from "./trainer.ts";
import { unifiedTraining } from "./unified_part.ts";
import { worldTokenizer } from "./world_text.ts";

type Needs = HasFiles & HasLog & HasClock & HasInterrupt & HasBlobs;

/** What to pretrain. */
export interface PretrainRequest {
  readonly part: string;
  readonly config: Pretraining;
  readonly folder: string;
  /** Where the folders of finished models go. */
  readonly assets: string;
  readonly device: BackendOptions["device"];
}

/** Trains, then hands the result to an export. */
const run = (
  training: Stage<Needs, TrainingState>,
  keep: (state: TrainingState) => Stage<HasFiles, void> = () => DONE,
): Stage<Needs, void> => scoped(training, keep, disposeTree);

/** Encodes the pictures with the trained tokenizer, then trains the unified model on the codes. */
function unified(context: PartContext, { encoder }: MagvitWeights): Stage<Needs, TrainingState> {
  const { config, folder } = context;
  const coder = { weights: encoder, config: magvitConfigOf(config.tokenizer) };
  const { scenes: count, usual, seed } = config.unified;
  const characters = charactersOf("pretrain");
  const pool = { count, usual, seed, characters, imageSize: config.imageSize };
  return pipe(
    codedScenes(coder, pool, `${folder}/scenes-${config.tokenizer.steps}-${seed}-${count}.bin`),
    RTE.flatMap((scenes) =>
      train(unifiedTraining(context, {
        tokenizer: worldTokenizer(),
        characters,
        scenes,
        blackCodes: blackCodes(coder, config.imageSize),
      }))
    ),
  );
}

/** An image tokenizer and the network that its pictures are compared with. */
interface Codec {
  readonly tokenizer: MagvitWeights;
  readonly perception: AttributeReaderWeights;
}

/** Trains the tokenizer, or loads it, and lends it. */
const withCodec = <A>(context: PartContext, use: (codec: Codec) => Stage<Needs, A>): Stage<Needs, A> =>
  scoped(train(readerTraining("perception", context)), (network) => {
    const perception = network.parameters as AttributeReaderWeights;
    return scoped(
      train(tokenizerTraining(context, perception)),
      ({ parameters }) => use({ tokenizer: parameters as MagvitWeights, perception }),
      disposeTree,
    );
  }, disposeTree);

/** Trains the decoder of a tokenizer on; the result owns the finished tokenizer. */
function withFinishedDecoder(context: PartContext, codec: Codec): Stage<Needs, TrainingState> {
  const { encoder } = codec.tokenizer;
  return pipe(
    train(decoderTraining(context, codec)),
    RTE.map(({ parameters: decoder, optimizer }) => ({
      parameters: { encoder: copyTree(encoder), decoder },
      optimizer,
    })),
  );
}

/** The profile that names the folders of all parts, so that `--set profile=<assets>` finds them. */
const writeProfile = (assets: string, imageSize: number): Stage<HasFiles, void> => ({ files }) => {
  const folders = ["unified", "image_tokenizer", "judge", ...EXPERT_PARTS];
  const profile = {
    image_size: imageSize,
    ...Object.fromEntries(folders.map((name) => [name, name])),
    names: "unified/names.safetensors",
  };
  return files.writeAtomic(`${assets}/profile.yaml`, new TextEncoder().encode(stringify(profile)));
};

/**
 * Trains one part, or all of them in order; finished parts are loaded, not trained again.
 *
 * @param request What, with which settings, where.
 * @returns A stage that ends when the part is trained and saved.
 */
export function pretrain(request: PretrainRequest): Stage<Needs, void> {
  const { config, folder, part } = request;
  const context = { config, folder };
  const exporting = exporters(config, request.assets);
  const parts: Readonly<Record<string, Stage<Needs, void>>> = {
    perception: run(train(readerTraining("perception", context))),
    judge: run(train(readerTraining("judge", context)), exporting.judge),
    tokenizer: run(withCodec(context, (codec) => withFinishedDecoder(context, codec)), exporting.tokenizer),
    unified: withCodec(context, ({ tokenizer }) => run(unified(context, tokenizer), exporting.unified)),
    ...Object.fromEntries(EXPERT_PARTS.map((name) => [name, expertPart(name, context, request.assets)])),
  };
  const chosen = part === "all" ? Object.keys(parts) : [part];
  const finish: Stage<Needs, void> = part === "all" ? writeProfile(request.assets, config.imageSize) : DONE;
  return pipe(
    openBackend({ device: request.device }),
    RTE.flatMap(() =>
      chosen.reduce<Stage<Needs, void>>(
        (before, name) =>
          pipe(
            before,
            RTE.flatMap(() => parts[name] ?? unknownPart(name, Object.keys(parts))),
            RTE.flatMap(() => keepCurves(name, { folder, assets: request.assets })),
          ),
        DONE,
      )
    ),
    RTE.flatMap(() => finish),
  );
}

/** The curves of a part stay with its weights. */
const keepCurves = (part: string, paths: Parameters<typeof keepCurve>[1]): Stage<Needs, void> =>
  pipe(
    part === "tokenizer" ? ["tokenizer", "decoder"] : [part],
    RTE.traverseSeqArray((name) => keepCurve(name, paths)),
    RTE.map(() => undefined),
  );

const unknownPart = (name: string, names: readonly string[]): Stage<Needs, void> =>
  RTE.left({
    _tag: "InputInvalid",
    where: "pretrain",
    problem: `no part is called ${name}`,
    remedy: `choose all, ${names.join(", ")}`,
  });
