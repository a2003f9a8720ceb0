/** A network without wires, a clock that moves when somebody waits, and a log that remembers. */
import * as E from "fp-ts/lib/Either.js";
import assert from "node:assert/strict";
import type { PipelineError } from "../../../lib/core/error.ts";
import type { Stage } from "../../../lib/core/stage.ts";
import { type JudgeCache, memoryCache } from "../../../lib/metrics/judge/cache.ts";
import type { HasChat } from "../../../lib/metrics/judge/chat.ts";
import type { PostReply, PostRequest } from "../../../lib/metrics/judge/network.ts";

/** A request as a fake server sees it; a form has no text. */
export interface SeenRequest extends PostRequest {
  readonly body: string;
  readonly form: FormData | null;
}

const seen = (request: PostRequest): SeenRequest =>
  typeof request.body === "string"
    ? { ...request, body: request.body, form: null }
    : { ...request, body: "", form: request.body };

/** Capabilities, and what went through them. */
export interface FakeWorld {
  readonly capabilities: HasChat;
  readonly requests: SeenRequest[];
  readonly waits: number[];
  readonly warnings: string[];
}

/** A completion with the given text. */
export function completion(content: string, tokens: readonly [number, number] = [10, 2]): PostReply {
  const body = JSON.stringify({
    choices: [{ message: { role: "assistant", content } }],
    usage: { prompt_tokens: tokens[0], completion_tokens: tokens[1] },
  });
  return { _tag: "Answer", status: 200, body, retryAfterMs: null };
}

/** An answer with another status. */
export function refusal(status: number, message = "", retryAfterMs: number | null = null): PostReply {
  return { _tag: "Answer", status, body: JSON.stringify({ error: { message } }), retryAfterMs };
}

/** A world whose server answers with the given function of the request and its number, from 0. */
export function fakeWorld(
  answer: (request: SeenRequest, number: number) => PostReply,
  judgeCache: JudgeCache = memoryCache(),
): FakeWorld {
  const requests: SeenRequest[] = [];
  const waits: number[] = [];
  const warnings: string[] = [];
  let time = 0;
  const capabilities: HasChat = {
    network: {
      post: (request) => () => {
        const arrived = seen(request);
        requests.push(arrived);
        return Promise.resolve(answer(arrived, requests.length - 1));
      },
      wait: (milliseconds) => () => {
        waits.push(milliseconds);
        time += milliseconds;
        return Promise.resolve();
      },
    },
    judgeCache,
    clock: { now: () => time, date: () => "2000-01-01T00:00:00Z" },
    log: { info: () => {}, warn: (line) => void warnings.push(line), progress: () => {} },
  };
  return { capabilities, requests, waits, warnings };
}

/** Runs a stage that must succeed. */
export async function succeed<R, A>(stage: Stage<R, A>, capabilities: R): Promise<A> {
  const outcome = await stage(capabilities)();
  assert.ok(E.isRight(outcome), JSON.stringify(outcome));
  return outcome.right;
}

/** Runs a stage that must fail. */
export async function fail<R>(stage: Stage<R, unknown>, capabilities: R): Promise<PipelineError> {
  const outcome = await stage(capabilities)();
  assert.ok(E.isLeft(outcome), JSON.stringify(outcome));
  return outcome.left;
}
