/**
 * The cases of the Show-o layout.
 *
 * @module
 */
import * as t from "io-ts";

const Row = t.array(t.number);
const Rows = t.array(Row);
const Matrix = t.array(t.string);

/** Corruption of training pictures. */
export const Masking = t.type({
  image_codes: Rows,
  t: Row,
  mask_prob: Row,
  num_masked: Row,
  mask: Matrix,
  input_image_ids: Rows,
  image_labels: Rows,
  position_uniforms: t.string,
});

/** A prompt batch. */
export const SequenceCase = t.intersection([
  t.type({
    name: t.string,
    task: t.keyof({ t2i: null, t2i_gen: null, lm: null, mmu: null }),
    text_ids: Rows,
    ids: Rows,
  }),
  t.partial({
    dropout_uniforms: Row,
    cond_dropout_prob: t.number,
    image_ids: Rows,
    image_labels: Rows,
    target_len: t.number,
    labels: Rows,
  }),
]);

/** Visibility of a batch. */
export const MaskCase = t.type({
  kind: t.keyof({ t2i: null, lm: null, mmu: null }),
  ids: Rows,
  visible: t.array(Matrix),
});

const Tasks = <C extends t.Mixed>(codec: C) => t.type({ t2i: codec, lm: codec, mmu: codec });

/** A mixed batch with losses and gradients. */
export const ForwardCase = t.type({
  ids: Rows,
  labels: Rows,
  visible: t.string,
  batch_size_t2i: t.number,
  batch_size_lm: t.number,
  batch_size_mmu: t.number,
  logits: t.string,
  hidden_rows: Row,
  hidden_states: t.string,
  losses: t.intersection([Tasks(t.number), t.type({ base_total: t.number, unictokens_total: t.number })]),
  loss_terms: Tasks(t.number),
  gradients: Tasks(t.record(t.string, t.string)),
  grad_norm_unictokens_total_all_params: t.number,
});

/** A re-masking schedule. */
export const ScheduleCase = t.type({
  num_tokens: t.number,
  steps: t.number,
  t0: t.number,
  mask_ratio_fp32: Row,
  masked_after_step: Row,
  temperature_after_step: Row,
});

/** Guided logits. */
export const GuidanceCase = t.type({
  name: t.string,
  guidance: t.number,
  cond_ids: Rows,
  uncond_ids: Rows,
  cond: t.string,
  uncond: t.string,
  combined: t.string,
});

const TraceStep = t.type({
  input_image_ids: Rows,
  unknown_count: Row,
  sampled_raw: Rows,
  codes: Rows,
  masked_count: Row,
  temperature: t.number,
  remask: Matrix,
});

/** A recorded decoding run. */
export const TraceCase = t.intersection([
  t.type({
    name: t.string,
    guidance: t.number,
    steps: t.number,
    t0: t.number,
    initial_ids: Rows,
    uncond_ids: t.union([t.null, Rows]),
    mask_visible: t.array(Matrix),
    steps_data: t.array(TraceStep),
    uniforms: t.string,
    selected_probs: t.string,
    confidence: t.string,
    logits: t.string,
    logits_steps: Row,
    caller_ids_after: Rows,
  }),
  t.partial({ steps_to_return: Row, returned: t.record(t.string, Rows), final_codes: Rows }),
]);

/** A recorded text generation. */
export const TextGenerationCase = t.type({
  name: t.string,
  prompt_ids: Row,
  max_new_tokens: t.number,
  temperature: t.number,
  top_k: t.union([t.number, t.null]),
  eot_token: t.number,
  generated: Row,
  last_logits: t.string,
  probs: t.string,
  last_step_visible: Matrix,
});

const DecodeCase = t.type({
  name: t.string,
  codes: Rows,
  grid: t.tuple([t.number, t.number]),
  decoded: t.string,
  decoded_uint8: t.string,
});

/** A picture through the tokenizer and back. */
export const MagvitCase = t.intersection([
  DecodeCase,
  t.type({
    image: t.string,
    encoder_mid_attn: t.string,
    encoder_mid: t.string,
    encoder_output: t.string,
    quantized: t.string,
    decoder_mid: t.string,
  }),
]);

/** Bits of codes and back. */
export const LfqCase = t.type({
  bits: t.number,
  codes: Row,
  signs: Matrix,
  encode_z: t.array(t.array(Rows)),
  encode_codes: Rows,
});

/** All cases of a folder; parts may be missing. */
export const ShowoCases = t.partial({
  masking: Masking,
  sequences: t.array(SequenceCase),
  masks: t.array(MaskCase),
  mask_additive_value: t.number,
  forward: ForwardCase,
  schedules: t.array(ScheduleCase),
  cfg: t.array(GuidanceCase),
  cfg_mask_visible: t.array(Matrix),
  traces: t.array(TraceCase),
  mmu_generate: t.array(TextGenerationCase),
  concept_rows: t.type({
    n_new: t.number,
    embed_source_row: Row,
    head_weight_source_row: Row,
    head_bias_source_row: Row,
  }),
  magvit: t.array(MagvitCase),
  magvit_decode_only: t.array(DecodeCase),
  lfq: t.array(LfqCase),
});
/** One case of a part that is a list. */
export type CaseOf<Part extends "sequences" | "traces" | "mmu_generate" | "magvit" | "magvit_decode_only"> =
  NonNullable<ShowoCases[Part]>[number];
/** All cases of a folder; parts may be missing. */
export type ShowoCases = t.TypeOf<typeof ShowoCases>;
