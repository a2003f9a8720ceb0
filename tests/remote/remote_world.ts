/** Rows, and a network whose other end is a function: for tests of experts behind a URL. */
import * as E from "fp-ts/lib/Either.js";
import { decodeConfig } from "../../lib/config/load.ts";
import { describe as describeError } from "../../lib/core/error.ts";
import type { Checked } from "../../lib/core/stage.ts";
import { type RgbImage, solidImage } from "../../lib/image/image.ts";
import { TRAINING, type TrainingSettings } from "../../lib/method/settings.ts";
import type { PostReply, PostRequest } from "../../lib/metrics/judge/network.ts";
import type { HasRemote } from "../../lib/remote/remote_expert.ts";
import type { RewardRow } from "../../lib/rewards/expert.ts";

/** A picture that no two seeds share. */
export const noise = (seed: number, size = 16): RgbImage => ({
  width: size,
  height: size,
  data: Uint8Array.from(
    { length: size * size * 3 },
    (_, index) => (index * 37 + seed * 101 + index ** 2) % 256,
  ),
});

const concept = {
  ...{ id: "bo", token: "<bo>", className: "dog", category: "animal" as const },
  references: [solidImage(8, 8, [200, 60, 20]), noise(9)],
};

/** As many rows as there are answers, of one concept. */
export const rowsWith = (...answers: readonly string[]): readonly RewardRow[] =>
  answers.map((reasoning, index) => ({
    ...{ concept, reasoning, mode: "textual" as const, question: "what ?", prompt: "a photo of <bo>" },
    ...{ compoundPrompt: `a photo of <bo> ${reasoning}`, candidates: ["a red hat", "a blue ball"] },
    ...{ truthIndex: index % 2, image: noise(index) },
  }));

/** Settings with experts behind a URL, as YAML has them. */
export function settingsWith(
  remote: Readonly<Record<string, unknown>>,
  changes: Readonly<Record<string, unknown>> = {},
): TrainingSettings {
  const found = decodeConfig(TRAINING, { rewards: { remote }, ...changes });
  if (E.isLeft(found)) throw new Error(describeError(found.left));
  return found.right as TrainingSettings;
}

/** An answer of a server. */
export const answer = (body: unknown, status = 200): PostReply => ({
  _tag: "Answer",
  status,
  body: typeof body === "string" ? body : JSON.stringify(body),
  retryAfterMs: null,
});

/** Nobody listens. */
export const SILENCE: PostReply = { _tag: "NoAnswer", problem: "Connection refused" };

/** Capabilities, and what went through them. */
export interface RemoteWorld {
  readonly needs: HasRemote;
  readonly requests: PostRequest[];
  readonly lines: string[];
  /** Milliseconds that were waited. */
  readonly now: () => number;
}

/** A world in which waiting takes no time, and Ctrl-C is pressed after so many milliseconds. */
export function remoteWorld(
  reply: (request: PostRequest, number: number) => PostReply | Promise<PostReply>,
  interruptedAfter = Infinity,
): RemoteWorld {
  const [requests, lines]: [PostRequest[], string[]] = [[], []];
  let time = 0;
  const say = (line: string): void => void lines.push(line);
  return {
    requests,
    lines,
    now: () => time,
    needs: {
      network: {
        post: (request) => async () => {
          requests.push(request);
          return await reply(request, requests.length - 1);
        },
        wait: (milliseconds) => async () => {
          await new Promise((done) => setTimeout(done, 0));
          time += milliseconds;
        },
      },
      log: { info: say, warn: say, progress: () => {} },
      clock: { now: () => time, date: () => "2000-01-01T00:00:00Z" },
      interrupt: { requested: () => time >= interruptedAfter },
    },
  };
}

/** What went wrong, in one line; `right` if nothing did. */
export const problemOf = (outcome: Checked<unknown>): string =>
  E.isLeft(outcome) ? describeError(outcome.left) : "right";
