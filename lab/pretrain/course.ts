/**
 * How long a part trains, how fast, and where it is kept.
 *
 * @module
 */
import { scheduleOf } from "./schedule.ts";
import type { Training } from "./trainer.ts";

/** What the settings say about the training of every part. */
export type CourseSection = { readonly steps: number } & Parameters<typeof scheduleOf>[0];

/**
 * Says how long a part trains, how fast, and where it is kept.
 *
 * @param part The part's settings.
 * @param context What all parts share.
 * @returns These fields of its training.
 */
export function courseOf(
  part: CourseSection,
  { config, folder }: {
    readonly config: { readonly logEvery: number; readonly saveEvery: number };
    readonly folder: string;
  },
): Pick<Training, "folder" | "steps" | "schedule" | "logEvery" | "saveEvery"> {
  const { logEvery, saveEvery } = config;
  return { folder, steps: part.steps, schedule: scheduleOf(part), logEvery, saveEvery };
}
