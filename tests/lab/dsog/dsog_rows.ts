/** Made-up rollouts of the DSOG experiment. */
import type { GroupRow, PreviewRow } from "../../../lab/dsog/dsog_rollouts.ts";

/** Later previews tell more; the second group is better as a whole. */
export const previews: readonly PreviewRow[] = [0, 1].flatMap((group) =>
  [0, 1, 2, 3].map((index) => ({
    ...{ group, mode: "textual", prompt: "p" },
    previews: { 1: [2, 0, 3, 1][index] as number, 5: index },
    final: group * 10 + index,
    reward: group * 10 - index,
  }))
);

/** A group that took so many seconds, and ten decoding steps in each. */
export function groupRow(screened: boolean, rewards: readonly number[], seconds: number): GroupRow {
  return {
    ...{ group: 0, screened, rewards, seconds, decodeSteps: 10 * seconds },
    ...{ candidates: rewards.length, passRate: null },
  };
}

/** Two groups each way; screening costs more and brings more. */
export const groups: readonly GroupRow[] = [
  groupRow(false, [0.1, 0.5], 4),
  groupRow(false, [0.3, 0.9], 4),
  groupRow(true, [0.8, 0.9], 6),
  groupRow(true, [0.2, 0.9], 6),
];
