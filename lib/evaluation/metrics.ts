/**
 * The metrics of an evaluation, in the order in which tables show them.
 *
 * @module
 */
import { MAIN_COLUMNS, type TableColumn } from "../metrics/table.ts";

/** Metrics that the paper's main table does not have. */
export const FURTHER_COLUMNS: readonly TableColumn[] = [
  { key: "rec_accuracy", title: "Rec accuracy" },
  { key: "choice_accuracy", title: "Choice accuracy" },
  { key: "text_choice_accuracy", title: "Text choice accuracy" },
  { key: "rea_exact", title: "Rea exact match" },
  { key: "rea_judge", title: "Rea judge" },
  { key: "rea_train_bleu", title: "Rea BLEU, training facts" },
  { key: "rea_train_exact", title: "Rea exact match, training facts" },
  { key: "rea_train_judge", title: "Rea judge, training facts" },
  { key: "rea_wording_bleu", title: "Rea BLEU, kept wording" },
  { key: "rea_wording_exact", title: "Rea exact match, kept wording" },
  { key: "rea_wording_judge", title: "Rea judge, kept wording" },
  { key: "rea_new_bleu", title: "Rea BLEU, new combinations" },
  { key: "rea_new_exact", title: "Rea exact match, new combinations" },
  { key: "rea_new_judge", title: "Rea judge, new combinations" },
  { key: "plain_gen_clip_t", title: "Plain Gen CLIP-T" },
  { key: "plain_gen_clip_i", title: "Plain Gen CLIP-I" },
  { key: "plain_gen_judge", title: "Plain Gen judge" },
  { key: "plain_gen_dino_i", title: "Plain Gen DINO-I" },
  { key: "plain_gen_identity", title: "Plain Gen identity" },
  { key: "pure_gen_judge", title: "Pure Gen judge" },
  { key: "pure_gen_dino_i", title: "Pure Gen DINO-I" },
  { key: "pure_gen_identity", title: "Pure Gen identity" },
  { key: "dense_gen_clip_t", title: "Dense Gen CLIP-T" },
  { key: "dense_gen_dino_i", title: "Dense Gen DINO-I" },
  { key: "dense_gen_identity", title: "Dense Gen identity" },
  { key: "rea_gen_judge", title: "Rea Gen judge" },
  { key: "rea_gen_dino_i", title: "Rea Gen DINO-I" },
  { key: "rea_gen_identity", title: "Rea Gen identity" },
  { key: "dense_rea_gen_clip_t", title: "Dense Rea Gen CLIP-T" },
  { key: "dense_rea_gen_dino_i", title: "Dense Rea Gen DINO-I" },
  { key: "dense_rea_gen_identity", title: "Dense Rea Gen identity" },
  { key: "rea_new_gen_clip_t", title: "Rea Gen CLIP-T, new combinations" },
  { key: "rea_new_gen_clip_i", title: "Rea Gen CLIP-I, new combinations" },
  { key: "rea_new_gen_judge", title: "Rea Gen judge, new combinations" },
  { key: "rea_new_gen_dino_i", title: "Rea Gen DINO-I, new combinations" },
  { key: "rea_new_gen_identity", title: "Rea Gen identity, new combinations" },
  { key: "face_sim", title: "Face similarity" },
  { key: "face_sim_zero_fill", title: "Face similarity, no face = 0" },
  { key: "face_detection", title: "Faces found" },
];

/** All metrics: those of the paper's main table, then the others. */
export const METRIC_COLUMNS: readonly TableColumn[] = [...MAIN_COLUMNS, ...FURTHER_COLUMNS];

const TITLES: ReadonlyMap<string, string> = new Map(METRIC_COLUMNS.map(({ key, title }) => [key, title]));

/**
 * Says what a person calls a metric.
 *
 * @returns Its title, or the key of an unknown one.
 */
export function metricTitle(key: string): string {
  return TITLES.get(key) ?? key;
}

/**
 * Sorts metrics as tables show them.
 *
 * @param keys Metrics.
 * @returns Each once; unknown ones last, by name.
 */
export function inTableOrder(keys: Iterable<string>): readonly string[] {
  const present = new Set(keys);
  const known = METRIC_COLUMNS.map(({ key }) => key).filter((key) => present.has(key));
  return [...known, ...[...present].filter((key) => !TITLES.has(key)).sort()];
}
