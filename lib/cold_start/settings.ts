/**
 * What a cold start is told.
 *
 * @module
 */
import type { HasClock, HasFiles, HasInterrupt, HasLog } from "../core/capability.ts";
import type { RgbImage } from "../image/image.ts";
import type { Stage } from "../core/stage.ts";
import type { Plain } from "../config/field.ts";
import type { ConceptRows } from "../showo/concept_rows.ts";
import type { TrainingSettings } from "../method/settings.ts";
import type { Decoding } from "./difference_maps.ts";
import type { StageName } from "./plan.ts";

/** What a cold start needs of the world. */
export type ColdStartNeeds = HasFiles & HasLog & HasClock & HasInterrupt;

/** Numbers of one update: `loss`, `mmu` and `t2i` where trained, `grad_norm`. */
export type StepMetrics = Readonly<Record<string, number>>;

type Section = TrainingSettings["coldStart"];

/** The section `cold_start` of the settings, with plain numbers. */
export type ColdStartSettings = { readonly [key in keyof Section]: Plain<Section[key]> | Section[key] };

/** What a program adds to the settings. */
export interface ColdStartHooks {
  /** Is told the numbers of every update. */
  readonly onStep?: (stage: StageName, step: number, metrics: StepMetrics) => void;
  /** Runs when a stage is over, for example to write a concept file; the rows stay the cold start's. */
  readonly afterStage?: (stage: StageName, rows: ConceptRows) => Stage<ColdStartNeeds, void>;
  /** Face vectors of photos, `null` where there is no face; for `face_init`. */
  readonly faces?: (images: readonly RgbImage[]) => Stage<unknown, readonly (Float32Array | null)[]>;
  /** How stage 3 decodes its pictures; default 10 steps, guidance 2, temperature 1. */
  readonly decoding?: Decoding;
}

/** Everything a cold start is told. */
export type ColdStartOptions = ColdStartSettings & ColdStartHooks & { readonly seed: number };
