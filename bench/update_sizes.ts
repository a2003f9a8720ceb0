/**
 * Sizes of the update that is measured: flags, defaults (the nano configuration), and the same sizes for PyTorch.
 *
 * @module
 */
import { field, type Fields, type SectionValue } from "../lib/config/field.ts";

/** Flags that say how large the update is; the defaults are those of `configs/nano.yaml` and `assets/nano`. */
export const SIZE_FLAGS = {
  width: field.positiveInt({ default: 128, doc: "Width of the transformer." }),
  layers: field.positiveInt({ default: 6, doc: "Layers of the transformer." }),
  heads: field.positiveInt({ default: 4, doc: "Heads of each layer." }),
  mlp: field.int({ default: 0, min: 0, doc: "Width of the feed-forward part; 0 = four times the width." }),
  text: field.positiveInt({ default: 694, doc: "Words of the text vocabulary." }),
  codes: field.positiveInt({ default: 1024, doc: "Image codes." }),
  tokens: field.positiveInt({ default: 64, doc: "Codes of a picture." }),
  question: field.positiveInt({ default: 30, doc: "Text tokens of the prompt that is answered." }),
  block: field.positiveInt({ default: 48, doc: "Tokens of the prompt that is drawn." }),
  answer: field.positiveInt({ default: 16, doc: "Tokens of an answer." }),
  topK: field.int({ default: 5, min: 0, doc: "Candidates of each answer token; 0 = all." }),
  group: field.positiveInt({ default: 9, doc: "Trajectories of a group (G)." }),
  candidates: field.int({ default: 0, min: 0, doc: "Candidates that are drawn to the end; 0 = G." }),
  timesteps: field.positiveInt({ default: 10, doc: "Decoding steps (T)." }),
  updateSteps: field.int({ default: 4, min: 0, doc: "Decoding steps used by the gradient; 0 = all." }),
  microbatch: field.int({ default: 0, min: 0, doc: "Trajectories per gradient; 0 = G." }),
  microbatchSteps: field.int({ default: 0, min: 0, doc: "Decoding steps per gradient; 0 = all used." }),
  guidance: field.nonNegative({ default: 2, doc: "Classifier-free guidance (s)." }),
  trainable: field.choice(["concept_rows", "lora", "full"], { default: "lora", doc: "What is trained." }),
} as const satisfies Fields;

type Flags = SectionValue<typeof SIZE_FLAGS>;

/** How large the update is. */
export type UpdateSizes = { readonly [K in keyof Flags]: Flags[K] extends number ? number : Flags[K] };

/** Rows that a concept adds: its name, four tokens of understanding, two of generation, as in the nano configuration. */
export const CONCEPT_TOKENS = { semanticTokens: 4, generationTokens: 2 } as const;

/** Special tokens between text and concept. */
const SPECIAL = 10;
/** `mmu soi … eoi S` around the picture and the question. */
const FRAME = 4;

/**
 * Writes zeros as what they stand for.
 *
 * @returns The same sizes without zeros that mean something else.
 */
export function resolvedSizes(sizes: UpdateSizes): UpdateSizes {
  const { width, group, timesteps } = sizes;
  const updateSteps = sizes.updateSteps === 0 ? timesteps : Math.min(sizes.updateSteps, timesteps);
  return {
    ...sizes,
    updateSteps,
    mlp: sizes.mlp === 0 ? 4 * width : sizes.mlp,
    candidates: Math.max(group, sizes.candidates),
    microbatch: sizes.microbatch === 0 ? group : sizes.microbatch,
    microbatchSteps: sizes.microbatchSteps === 0 ? updateSteps : sizes.microbatchSteps,
  };
}

/**
 * The sizes as `update_torch.py` reads them.
 *
 * @param sizes Resolved sizes.
 * @param clock Which seconds it counts.
 * @returns JSON.
 */
export function torchSizes(sizes: UpdateSizes, clock: "wall" | "cpu"): string {
  const { topK, updateSteps, text, tokens, question, microbatch: _a, microbatchSteps: _b, ...same } = sizes;
  const rows = 1 + CONCEPT_TOKENS.semanticTokens + CONCEPT_TOKENS.generationTokens;
  return JSON.stringify({
    ...same,
    clock,
    tokens,
    rows,
    text: text + SPECIAL,
    question: question + tokens + FRAME,
    top_k: topK,
    update_steps: updateSteps,
  });
}
