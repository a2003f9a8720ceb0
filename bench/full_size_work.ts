/**
 * The work that is measured at full size: forwards, a guided decode step, a gradient, a picture.
 *
 * @module
 */
import { decodeConfig } from "../lib/config/load.ts";
import { initialConceptRows } from "../lib/showo/concept_rows.ts";
import type { HeadTables } from "../lib/showo/concept_rows.ts";
import { chooseCodes, type ImageChoice, type ImageStepInput } from "../lib/showo/decode_image.ts";
import { encodeImagePrompts, imageHidden, imagePrompts } from "../lib/showo/guidance.ts";
import { decode, type MagvitDecoder, signsOf } from "../lib/showo/magvit.ts";
import type { Magvit } from "../lib/showo/magvit_folder.ts";
import { maskTensor, t2iVisibility } from "../lib/showo/mask.ts";
import { type Policy, type ShowoModel, showoModel, withConcept } from "../lib/showo/model.ts";
import type { PrefixInput } from "../lib/showo/prefix.ts";
import { t2iPrompt, t2iSequence } from "../lib/showo/prompt.ts";
import { forward, logits, type SequenceInput } from "../lib/showo/transformer.ts";
import { imageIdsOf } from "../lib/showo/vocabulary.ts";
import type { ShowoWeights } from "../lib/showo/weights.ts";
import type { ShowoConfig } from "../lib/showo/config.ts";
import { compileUpdate, initialOptimizer } from "../lib/method/gradients.ts";
import { policyOf, type Trainable } from "../lib/method/policy.ts";
import type { Runtime } from "../lib/method/runtime.ts";
import { TRAINING } from "../lib/method/settings.ts";
import { jit } from "../lib/tensor/jit.ts";
import { tf } from "../lib/tensor/tf.ts";
import { disposeTree, type Tree } from "../lib/tensor/tree.ts";
import { magvitDecodeFlops, showoFlops } from "./showo_flops.ts";

/** One piece of work. */
export interface Work {
  readonly name: string;
  /** Floating-point operations of a run. */
  readonly flops: number;
  /** Does it and waits for the result; throws if a number is not finite. */
  readonly run: () => void;
}

/** A model and its weights; pictures have as many tokens as the config says. */
export interface Subject {
  readonly config: ShowoConfig;
  readonly base: ShowoWeights;
}

const GUIDANCE = 5;
/** Words of the prompt; the rest of its place is padding. */
const PROMPT = Array.from({ length: 40 }, (_, index) => 11 * index + 7);

const finite = (tensor: tf.Tensor): void => {
  const value = tf.tidy(() => tf.sum(tensor).dataSync()[0] as number);
  if (!Number.isFinite(value)) throw new Error("the result is not finite");
};

const promptOf = ({ vocabulary, textBlock }: ShowoConfig): readonly number[] =>
  t2iPrompt(vocabulary, PROMPT.map((id) => id % (vocabulary.textSize - 1)), textBlock);

/** Half of the codes unknown. */
const codesFor = ({ numVqTokens, vocabulary }: ShowoConfig): Int32Array =>
  Int32Array.from({ length: numVqTokens }, (_, n) => n % 2 === 0 ? -1 : (7 * n) % vocabulary.codebookSize);

/** One whole text-to-image sequence, logits of every position over the whole vocabulary. */
export function forwardWork({ config, base }: Subject): Work {
  const model = showoModel(config, { compile: "block" });
  const { vocabulary } = config;
  const sequence = t2iSequence(vocabulary, {
    prompt: promptOf(config),
    imageIds: imageIdsOf(vocabulary, codesFor(config)),
  });
  const length = sequence.ids.length;
  const run = model.whole(
    "forward",
    (policy: Policy, input: SequenceInput) =>
      logits(policy, forward(policy, input, model), { columns: "all", model }),
  );
  return {
    name: `forward, ${length} tokens, all logits`,
    flops: showoFlops(config, {
      batch: 1,
      tokens: length,
      keys: length,
      logits: { positions: length, columns: vocabulary.size },
    }),
    run: () => {
      const input = {
        ids: tf.tensor2d([...sequence.ids], [1, length], "int32"),
        mask: maskTensor([t2iVisibility(vocabulary, sequence.ids)]),
      };
      const output = run({ base }, input);
      finite(output);
      disposeTree([input, output]);
    },
  };
}

/** The step of the decoder: layer by layer, then head and draw as one function. */
function guidedStep(model: ShowoModel): (policy: Policy, input: ImageStepInput) => ImageChoice {
  const choose = model.part(
    "codes",
    (tables: HeadTables, input: Parameters<typeof chooseCodes>[1]) => chooseCodes(tables, input, model),
  );
  return model.whole("step", (policy: Policy, input: ImageStepInput) => {
    const { prefix: _, ...rest } = input;
    const hidden = imageHidden(policy, input, model);
    return choose({ base: { head: policy.base.head } }, { ...rest, hidden });
  });
}

/**
 * One guided decoding step: both branches in one batch, the prompts' keys and values computed before.
 *
 * @returns The work, and a function that frees the prompts' keys and values.
 */
export function decodeWork({ config, base }: Subject): Work & { readonly dispose: () => void } {
  const model = showoModel(config, { compile: "block" });
  const prompts = imagePrompts([promptOf(config)], { guided: true, model });
  const encode = model.whole(
    "prompts",
    (policy: Policy, input: PrefixInput) => encodeImagePrompts(policy, input, { guided: true, model }),
  );
  const prefix = encode({ base }, prompts);
  const step = guidedStep(model);
  const { numVqTokens, textBlock, vocabulary } = config;
  return {
    name: `guided decoding step, ${numVqTokens} codes, cached prompts`,
    flops: showoFlops(config, {
      batch: 2,
      tokens: numVqTokens + 2,
      keys: textBlock + numVqTokens + 2,
      logits: { positions: numVqTokens, columns: vocabulary.codebookSize },
    }),
    run: () => {
      const input = {
        codes: tf.tensor2d(codesFor(config), [1, numVqTokens], "int32"),
        uniforms: tf.fill([1, numVqTokens], 0.5),
        guidance: tf.scalar(GUIDANCE),
      };
      const choice = step({ base }, { ...input, prefix });
      finite(choice.logps);
      disposeTree([input, choice]);
    },
    dispose: () => disposeTree([prompts, prefix]),
  };
}

const CONCEPT_ROWS = 25;

/** A batch of one trajectory and one of its steps. */
const batchOf = (config: ShowoConfig, model: ShowoModel) => {
  const { numVqTokens } = config;
  const codes = codesFor(config);
  return {
    steps: {
      prompts: imagePrompts([promptOf(config)], { guided: true, model }),
      states: tf.tensor2d(codes, [1, numVqTokens], "int32"),
      chosen: tf.tensor2d(codes.map((code) => Math.abs(code)), [1, numVqTokens], "int32"),
      guidance: tf.scalar(GUIDANCE),
    },
    tokens: {
      completionMask: tf.ones([1, numVqTokens]),
      advantages: tf.ones([1, 1]),
      scale: tf.scalar(1 / numVqTokens),
    },
  };
};

/**
 * One gradient micro-step of the reinforcement learning on concept rows, reference and optimizer included.
 *
 * @param subject The model without a concept.
 */
export function gradientWork({ config: plain, base }: Subject): Work {
  const config = withConcept(plain, CONCEPT_ROWS);
  const model = showoModel(config, { compile: "block" });
  const settings = decodeConfig(TRAINING, {});
  if (settings._tag === "Left") throw new Error("the default settings are invalid");
  const update = compileUpdate({ model } as Runtime, settings.right);
  const { numVqTokens, textBlock, vocabulary } = config;
  const once = showoFlops(config, {
    batch: 2,
    tokens: textBlock + numVqTokens + 2,
    keys: textBlock + numVqTokens + 2,
    logits: { positions: numVqTokens, columns: vocabulary.codebookSize },
  });
  return {
    name: `gradient of concept rows, ${numVqTokens} codes, guided, with reference`,
    // Both branches of the reference; the branch with the prompt forward, its layers again, and the way back through them
    // without gradients of weights.
    flops: 2.5 * once,
    run: () => {
      const trainable: Trainable = { rows: tf.tidy(() => initialConceptRows(base, CONCEPT_ROWS, plain)) };
      const optimizer = initialOptimizer(settings.right, trainable);
      const [batch, rate] = [batchOf(config, model), tf.scalar(1e-3)];
      const { grads, terms } = update.image(
        trainable,
        { base, reference: policyOf(base, trainable) },
        batch,
        [],
      );
      const next = update.apply(trainable, optimizer, grads, rate);
      const norm = update.norm(grads);
      finite(norm);
      disposeTree([trainable, optimizer, batch, rate, grads, terms, next, norm] as Tree);
    },
  };
}

/**
 * One picture from codes.
 *
 * @param grid Codes along one side.
 */
export function pictureWork({ config, weights }: Magvit, grid: number): Work {
  const run = jit(
    "picture",
    (decoder: MagvitDecoder, codes: tf.Tensor) =>
      decode(decoder, signsOf(codes, { bits: config.codeBits }), config),
  );
  const side = grid * 2 ** (config.decoder.channelMultipliers.length - 1);
  return {
    name: `MAGVIT-v2 decode, ${side} × ${side}`,
    flops: magvitDecodeFlops(config, grid),
    run: () => {
      const ids = Int32Array.from({ length: grid ** 2 }, (_, n) => (37 * n) % 2 ** config.codeBits);
      const codes = tf.tensor2d(ids, [1, grid ** 2], "int32");
      const picture = run(weights.decoder, codes);
      finite(picture);
      disposeTree([codes, picture]);
    },
  };
}
