/**
 * One update of a random run, stage by stage, with the seconds of each.
 *
 * @module
 */
import process from "node:process";
import { type Key, keyFromSeed } from "../lib/core/key.ts";
import type { Checked } from "../lib/core/stage.ts";
import { type LoadedExperts, loadExperts, rewardConcept, rewardRow } from "../lib/method/rewarding.ts";
import { loadProfile } from "../lib/method/profile.ts";
import { policyOf, type PolicyState } from "../lib/method/policy.ts";
import {
  askTask,
  complete,
  type Decoders,
  makeDecoders,
  preview,
  reason,
  type RolloutContext,
  type Trajectory,
  unscreened,
  type Unseen,
  wordPrompt,
} from "../lib/method/rollout.ts";
import type { PictureCodec } from "../lib/method/picture_codec.ts";
import type { Runtime } from "../lib/method/runtime.ts";
import type { Policy } from "../lib/showo/model.ts";
import { makeUpdate, type UpdatePolicy } from "../lib/method/update.ts";
import { scoreAll } from "../lib/rewards/expert.ts";
import type { RewardConcept } from "../lib/rewards/expert.ts";
import { type RandomRun, runStage, valueOf } from "./random_run.ts";

/** Seconds of the parts of an update; `pictures` is the image tokenizer, in none of the others. */
export interface UpdateSeconds {
  readonly reason: number;
  readonly preview: number;
  readonly complete: number;
  readonly pictures: number;
  readonly reward: number;
  readonly update: number;
}

/** How many candidates are started, and how many of them drawn to the end; previews are drawn if that is fewer. */
export interface Screening {
  readonly previewed: number;
  readonly completed: number;
}

/** An update that can be repeated. */
export interface RepeatedUpdate {
  readonly run: (screening: Screening) => Promise<UpdateSeconds>;
}

/** `wall`: what a user waits · `cpu`: processor seconds of all threads, which other load on the machine hardly changes. */
export type ClockName = "wall" | "cpu";

/** A clock in seconds. */
export type SecondsClock = () => number;

/**
 * Finds a clock.
 *
 * @param name Which.
 * @returns The clock; only differences mean something.
 */
export function secondsClock(name: ClockName): SecondsClock {
  if (name === "wall") return () => performance.now() / 1000;
  return () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
}

/** Experts of the nano profile and what they know of the concept; none where pictures are not decoded. */
async function expertsOf({ pictures, settings, concept, runtime }: RandomRun): Promise<
  { readonly experts: LoadedExperts; readonly known: RewardConcept } | null
> {
  if (!pictures) return null;
  const profile = await runStage(loadProfile("assets/nano"));
  return {
    experts: await runStage(loadExperts(profile, settings, concept)),
    known: await runStage(rewardConcept(concept, runtime.profile.imageSize)),
  };
}

/** Adds up the seconds of what it times; `take` returns them and starts again. */
interface Stopwatch {
  readonly time: <A>(work: () => A) => A;
  readonly take: () => number;
}

function stopwatch(
  now: SecondsClock,
): { readonly time: <A>(work: () => A) => A; readonly take: () => number } {
  let seconds = 0;
  return {
    time: (work) => {
      const start = now();
      const result = work();
      seconds += now() - start;
      return result;
    },
    take: () => {
      const taken = seconds;
      seconds = 0;
      return taken;
    },
  };
}

const inGroups = <A>(items: readonly A[], size: number): readonly (readonly A[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));

/** What an update runs on, with its stopwatches. */
interface Bench {
  readonly run: RandomRun;
  readonly runtime: Runtime;
  readonly decoders: Decoders;
  readonly update: UpdatePolicy;
  readonly judges: Awaited<ReturnType<typeof expertsOf>>;
  readonly parts: Stopwatch;
  readonly painting: Stopwatch;
  readonly now: SecondsClock;
}

async function openBench(run: RandomRun, now: SecondsClock): Promise<Bench> {
  const painting = stopwatch(now);
  const { codec } = run.runtime;
  const decode: PictureCodec["decode"] = (codes) => painting.time(() => codec.decode(codes));
  const runtime = { ...run.runtime, codec: { ...codec, decode } };
  return {
    run,
    runtime,
    decoders: makeDecoders(runtime, run.settings),
    update: makeUpdate(runtime, run.settings),
    judges: await expertsOf(run),
    parts: stopwatch(now),
    painting,
    now,
  };
}

/** Rolls candidates out in batches of G, as a run does. */
function rollOut(
  bench: Bench,
  policy: Policy,
  { keys, completed }: { keys: readonly Key[]; completed: number },
) {
  const { run: { settings, task }, runtime, decoders, parts, painting } = bench;
  const context: RolloutContext = { runtime, settings, decoders, policy };
  const size = settings.rl.numGenerations;
  const asked = askTask(runtime, task, { image: null });
  const timed = <A, B>(
    items: readonly A[],
    work: (part: readonly A[]) => Checked<readonly B[]>,
  ): readonly B[] => inGroups(items, size).flatMap((part) => parts.time(() => valueOf(work(part))));
  const answers = timed(keys, (part) => reason(context, asked, part));
  const reasoning = parts.take();
  const prompted = answers.map((answer) => wordPrompt(context, task, answer));
  const screens = completed < keys.length;
  const seen: readonly Unseen[] = screens
    ? timed(prompted, (part) => preview(context, part))
    : unscreened(context, prompted);
  const previewing = { seconds: parts.take(), pictures: painting.take() };
  const finished = timed(seen.slice(0, completed), (part) => complete(context, part));
  const completing = { seconds: parts.take(), pictures: painting.take() };
  return {
    asked,
    finished,
    seconds: {
      reason: reasoning,
      preview: previewing.seconds - previewing.pictures,
      complete: completing.seconds - completing.pictures,
      pictures: previewing.pictures + completing.pictures,
    },
  };
}

async function score(
  { judges, run: { task }, now }: Bench,
  finished: readonly Trajectory[],
): Promise<number> {
  if (judges === null) return 0;
  const start = now();
  const rows = finished.map((each) => rewardRow(task, each, { concept: judges.known, image: each.image }));
  await runStage(scoreAll(judges.experts.experts, judges.experts.weights)(rows));
  return now() - start;
}

/** Makes the update of a run, ready to be repeated: its state goes on from call to call. */
export async function repeatedUpdate(run: RandomRun, now: SecondsClock): Promise<RepeatedUpdate> {
  const bench = await openBench(run, now);
  const { parts, update } = bench;
  const size = run.settings.rl.numGenerations;
  let state: PolicyState = run.state;
  return {
    run: async ({ previewed, completed }) => {
      const policy = policyOf(run.runtime.base, state.trainable);
      const keys = run.keys(state.step, previewed);
      const { asked, finished, seconds } = rollOut(bench, policy, { keys, completed });
      const reward = await score(bench, finished);
      const weighted = finished.slice(0, size).map((each, index) => ({
        ...each,
        advantage: index % 2 - 0.5,
      }));
      const key = keyFromSeed(state.step);
      state = parts.time(() => valueOf(update(state, [{ task: asked, weighted }], key))).state;
      return { ...seconds, reward, update: parts.take() };
    },
  };
}
