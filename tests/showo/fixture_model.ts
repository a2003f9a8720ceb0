import * as E from "fp-ts/lib/Either.js";
import { parseShowoConfig, type ShowoConfig } from "../../lib/showo/config.ts";
import { readArrays, readJson } from "../support/fixture.ts";

const parsed = parseShowoConfig(readJson("showo/config.json"), "config.json");
if (E.isLeft(parsed)) throw new Error(JSON.stringify(parsed.left));

/** Sizes of the tiny reference model. */
export const config: ShowoConfig = parsed.right;
/** Its ids. */
export const vocabulary = config.vocabulary;
/** Large arrays of the cases. */
export const arrays = readArrays("showo/cases.safetensors");

/** A row of a visibility matrix per string. */
export type Rows = readonly string[];
/** One step of a recorded decoding run. */
export interface TraceStep {
  readonly input_image_ids: number[][];
  readonly unknown_count: number[];
  readonly sampled_raw: number[][];
  readonly codes: number[][];
  readonly masked_count: number[];
  readonly temperature: number;
  readonly remask: string[];
}
/** A recorded decoding run. */
export interface Trace {
  readonly name: string;
  readonly guidance: number;
  readonly steps: number;
  readonly t0: number;
  readonly initial_ids: number[][];
  readonly uncond_ids: number[][] | null;
  readonly mask_visible: Rows[];
  readonly steps_data: TraceStep[];
  readonly logits_steps: number[];
  readonly caller_ids_after: number[][];
  readonly final_codes: number[][];
  readonly steps_to_return?: number[];
  readonly returned?: Record<string, number[][]>;
}
/** A recorded text generation. */
export interface TextCase {
  readonly name: string;
  readonly prompt_ids: number[];
  readonly max_new_tokens: number;
  readonly temperature: number;
  readonly top_k: number | null;
  readonly eot_token: number;
  readonly generated: number[];
  readonly last_step_visible: Rows;
}
/** A recorded prompt batch. */
export interface SequenceCase {
  readonly name: string;
  readonly task: "t2i" | "t2i_gen" | "lm" | "mmu";
  readonly text_ids: number[][];
  readonly dropout_uniforms?: number[];
  readonly cond_dropout_prob?: number;
  readonly image_ids?: number[][];
  readonly image_labels?: number[][];
  readonly target_len?: number;
  readonly ids: number[][];
  readonly labels?: number[][];
}

/** All cases about the transformer. */
export const cases = readJson<{
  masking: {
    image_codes: number[][];
    t: number[];
    mask_prob: number[];
    num_masked: number[];
    mask: string[];
    input_image_ids: number[][];
    image_labels: number[][];
  };
  sequences: SequenceCase[];
  masks: { kind: "t2i" | "lm" | "mmu"; ids: number[][]; visible: Rows[] }[];
  forward: {
    ids: number[][];
    labels: number[][];
    batch_size_t2i: number;
    batch_size_lm: number;
    batch_size_mmu: number;
    hidden_rows: number[];
    losses: Record<"t2i" | "lm" | "mmu" | "base_total" | "unictokens_total", number>;
    loss_terms: Record<"t2i" | "lm" | "mmu", number>;
    gradients: Record<"t2i" | "lm" | "mmu", Record<string, string>>;
    grad_norm_unictokens_total_all_params: number;
  };
  schedules: {
    num_tokens: number;
    steps: number;
    t0: number;
    mask_ratio_fp32: number[];
    masked_after_step: number[];
    temperature_after_step: number[];
  }[];
  cfg: { name: string; guidance: number; cond_ids: number[][]; uncond_ids: number[][]; combined: string }[];
  traces: Trace[];
  mmu_generate: TextCase[];
  concept_rows: {
    n_new: number;
    embed_source_row: number[];
    head_weight_source_row: number[];
    head_bias_source_row: number[];
  };
}>("showo/cases.json");

/** Joins the strings of a visibility matrix. */
export function bits(rows: Rows): number[] {
  return [...rows.join("")].map(Number);
}
