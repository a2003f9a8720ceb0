/**
 * What stays the same from update to update of a run.
 *
 * @module
 */
import type { Concept } from "../concept/concept.ts";
import type { RewardConcept } from "../rewards/expert.ts";
import type { ImageWatch } from "./image_watch.ts";
import type { LoadedExperts } from "./rewarding.ts";
import type { Decoders } from "./rollout.ts";
import type { Runtime } from "./runtime.ts";
import type { TrainingSettings } from "./settings.ts";
import type { UpdatePolicy } from "./update.ts";

/** Everything that stays the same from update to update. */
export interface RunContext {
  readonly settings: TrainingSettings;
  readonly runtime: Runtime;
  readonly decoders: Decoders;
  readonly experts: LoadedExperts;
  readonly concept: Concept;
  readonly rewardConcept: RewardConcept;
  readonly watch: ImageWatch;
  readonly update: UpdatePolicy;
  /** From `longestPrompt`. */
  readonly promptLength: number;
}
