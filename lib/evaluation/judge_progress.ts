/**
 * How far a judge is: a chat model may take longer for its grades than the system for its answers.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { HasClock, HasLog } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import type { Judge } from "../metrics/judge/judge.ts";
import type { Item } from "./item.ts";
import { progressText } from "./progress.ts";
import { JUDGED_TASKS } from "./score_answers.ts";

/**
 * Counts what a judge will be asked for a concept.
 *
 * @param options.imagesPerPrompt Pictures of each prompt.
 * @param options.identity Whether it is also asked how much of the concept's own look a picture shows.
 * @returns Grades of answers and pictures that are looked at; letters and yes or no need no judge.
 */
export function judgedCases(
  items: readonly Item[],
  { imagesPerPrompt, identity = false }: { readonly imagesPerPrompt: number; readonly identity?: boolean },
): number {
  return items.reduce((sum, item) => {
    if (item.kind === "draw") {
      const looks = Number(item.segments.length > 0) + Number(identity && item.task !== "face");
      return sum + looks * imagesPerPrompt;
    }
    return sum + Number(JUDGED_TASKS.includes(item.task));
  }, 0);
}

/**
 * Lets a judge say how far it is.
 *
 * @param total How often it will be asked, about.
 * @returns The same judge; after each outcome it writes `eval judge 12/60 20 %   4 s left`.
 */
export function withProgress<R>(judge: Judge<R>, total: number): Judge<R & HasLog & HasClock> {
  type Needs = R & HasLog & HasClock;
  const state = { done: 0, since: null as number | null };
  const counted = <A>(stage: Stage<R, A>): Stage<Needs, A> => (needs) => async () => {
    state.since ??= needs.clock.now();
    const outcome = await stage(needs)();
    if (E.isLeft(outcome)) return outcome;
    const done = ++state.done;
    const elapsedMs = needs.clock.now() - state.since;
    needs.log.progress(progressText("judge", { done, total: Math.max(total, done), elapsedMs }));
    return outcome;
  };
  return {
    id: judge.id,
    text: (item) => counted(judge.text(item)),
    segments: (image, segments) => counted(judge.segments(image, segments)),
  };
}
