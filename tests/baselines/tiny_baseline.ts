/** Numbers of a baseline that is trained in no time. */
import type { BaselineSettings } from "../../lib/baselines/settings.ts";

/** Three steps on two pictures, and changes. */
export function tinyBaseline(changes: Partial<BaselineSettings> = {}): BaselineSettings {
  return {
    ...{ seed: 1, steps: 3, learningRate: 0.01, batch: 2, vectors: 5, captions: true },
    ...{ trainable: "lora", loraRank: 2, priorWeight: 1, priorPictures: 2 },
    ...changes,
  };
}
