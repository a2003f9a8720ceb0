/**
 * The token model Show-o: vocabulary, prompts, visibility, and masked-token decoding on plain arrays.
 *
 * @module
 */
export {
  codesOfIds,
  imageIdsOf,
  makeVocabulary,
  SPECIAL_TOKENS,
  type SpecialToken,
  type Vocabulary,
  type VocabularySizes,
  withConceptRows,
} from "./vocabulary.ts";
export {
  captionText,
  fitPrompt,
  type FittedPrompt,
  IGNORE,
  type LabelledSequence,
  lmSequence,
  mmuPrompt,
  mmuSequence,
  padRight,
  t2iPrompt,
  t2iSequence,
  unconditionalPrompt,
} from "./prompt.ts";
export { additive, causalVisibility, HIDDEN, mmuVisibility, t2iVisibility } from "./mask.ts";
export { annealed, maskedAfter, maskRatio, type MaskSchedule, type StepOptions } from "./schedule.ts";
export { hiddenCount, type MaskedImage, maskImage, type MaskingDraws, maskingDraws } from "./masking.ts";
export {
  codeUniforms,
  type Confidence,
  confidences,
  type DecodeCompat,
  type DecodeOptions,
  type DecodeRecord,
  type DecodeState,
  initialDecodeState,
  remasked,
  settleStep,
  stopDecoding,
} from "./decode_state.ts";
export { parseShowoConfig, type ShowoConfig } from "./config.ts";
export {
  conceptTokens,
  expandMentions,
  type Mentions,
  type NameBlock,
  nameBlock,
} from "../text/name_block.ts";
