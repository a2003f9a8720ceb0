/**
 * The stages of a cold start: which rows each trains, on what, with which constants of AdamW.
 *
 * @module
 */

/** How a concept is learnt before reinforcement: stage by stage, all at once, or not at all. */
export type Plan = "stages" | "stages3" | "joint" | "none";

/** Name of a stage; `inversion` is no stage of a cold start but the training of a baseline on pictures alone. */
export type StageName = "stage1" | "stage2" | "stage3" | "joint" | "inversion";

/** How the learnable tokens are divided among the stages. */
export interface TokenCounts {
  /** K, learnt from stage 1 on. */
  readonly semanticTokens: number;
  /** M, learnt from stage 2 on; those of stage 3 included. */
  readonly generationTokens: number;
  /** The last of M that wait for stage 3. */
  readonly perceptionTokens: number;
}

/** One stage as data. */
export interface StagePlan {
  readonly name: StageName;
  /** Whether dialogues are trained on. */
  readonly understanding: boolean;
  /** Whether pictures are trained on. */
  readonly drawing: boolean;
  /** Per row (concept, then its tokens), whether it is trained. */
  readonly trainable: readonly boolean[];
  /** ε and weight decay of AdamW. */
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** Constants of the published trainings: stage 1 differs. */
const FIRST = { epsilon: 1e-6, weightDecay: 1e-4 } as const;
const LATER = { epsilon: 1e-8, weightDecay: 1e-3 } as const;

/**
 * Lists the stages of a plan.
 *
 * Stage 1 trains the concept's row and K semantic rows on dialogues; stage 2 adds the generation rows and pictures; stage 3
 * trains the concept's row and the perception rows alone. `joint` trains all but the perception rows on everything.
 *
 * @param counts The learnable tokens.
 * @returns The stages in order; none for `none`.
 *
 * @example
 * ```ts
 * import { stagesOf } from "./plan.ts";
 * import assert from "node:assert/strict";
 * const counts = { semanticTokens: 1, generationTokens: 2, perceptionTokens: 1 };
 * const trained = stagesOf("stages3", counts).map(({ trainable }) => trainable.map(Number).join(""));
 * assert.deepEqual(trained, ["1100", "1110", "1001"]);
 * ```
 *
 * Source: UniCTokens.
 */
export function stagesOf(plan: Plan, counts: TokenCounts): readonly StagePlan[] {
  const { semanticTokens, generationTokens, perceptionTokens } = counts;
  const total = 1 + semanticTokens + generationTokens;
  const rows = (chosen: (row: number) => boolean): readonly boolean[] =>
    Array.from({ length: total }, (_, row) => chosen(row));
  const early = rows((row) => row < total - perceptionTokens);
  const stage1: StagePlan = {
    name: "stage1",
    understanding: true,
    drawing: false,
    trainable: rows((row) => row <= semanticTokens),
    ...FIRST,
  };
  const stage2: StagePlan = {
    name: "stage2",
    understanding: true,
    drawing: true,
    trainable: early,
    ...LATER,
  };
  const stage3: StagePlan = {
    ...stage2,
    name: "stage3",
    trainable: rows((row) => row === 0 || row >= total - perceptionTokens),
  };
  return {
    none: [],
    joint: [{ ...stage2, name: "joint" as const }],
    stages: [stage1, stage2],
    stages3: [stage1, stage2, stage3],
  }[plan];
}
