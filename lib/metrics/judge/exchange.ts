/**
 * Asking a chat server until its reply can be read.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasClock } from "../../core/capability.ts";
import type { PipelineError } from "../../core/error.ts";
import { iterate, type Stage } from "../../core/stage.ts";
import { chatBody, type ChatReply, readCompletion, readRefusal } from "./chat_format.ts";
import type { JudgedImage } from "./judge.ts";
import type { Limiter } from "./limiter.ts";
import type { HasNetwork, PostReply, PostRequest } from "./network.ts";
import type { Reading } from "./reply.ts";
import { pauseMs, verdictOf } from "./retry.ts";
import type { JudgePrompt } from "./rubric.ts";
import type { UsageCounter } from "./usage.ts";

/** A server, and how to treat it. */
export interface ChatServer {
  /** Up to and without `/chat/completions`. */
  readonly baseUrl: string;
  readonly model: string;
  /** Sent as a bearer token; `null` for a server without keys. Never logged. */
  readonly apiKey: string | null;
  /** Attempts after the first. */
  readonly retries: number;
  readonly timeoutMs: number;
  /** Length limit of a reply. */
  readonly maxTokens: number;
}

/** One case: what is sent, and how the reply is read. */
export interface ChatCase<A> {
  /** Names the request; the pauses between attempts are drawn from it. */
  readonly name: string;
  readonly prompt: JudgePrompt;
  readonly image: JudgedImage | null;
  readonly read: (reply: string) => Reading<A>;
}

/** How an exchange ended: with a value, or with a reason why this one case has none. */
export type ChatOutcome<A> =
  | { readonly _tag: "Read"; readonly value: A; readonly reply: ChatReply }
  | { readonly _tag: "Unread"; readonly problem: string };

/** What asking needs. */
export type HasExchange = HasNetwork & HasClock;

type Attempt<A> = { readonly _tag: "Trying"; readonly attempt: number } | ChatOutcome<A>;

/**
 * Says where a server answers.
 *
 * @param path What is asked of it, e.g. `chat/completions`.
 */
export function addressOf({ baseUrl }: Pick<ChatServer, "baseUrl">, path: string): string {
  return `${baseUrl.replace(/\/+$/, "")}/${path}`;
}

/**
 * Makes the header that carries a key.
 *
 * @param apiKey The key; `null` for a server without keys.
 * @returns The header, or none.
 */
export function authorization(apiKey: string | null): Readonly<Record<string, string>> {
  return apiKey === null ? {} : { authorization: `Bearer ${apiKey}` };
}

/**
 * Says in words why a reply is of no use.
 *
 * @param reply A reply that is no answer, or one with a status of failure.
 * @returns `no answer: …`, or the status with what the server said.
 */
export function replyProblem(reply: PostReply): string {
  return reply._tag === "NoAnswer"
    ? `no answer: ${reply.problem}`
    : `status ${reply.status}: ${readRefusal(reply.body)}`;
}

const requestFor = (server: ChatServer, asked: ChatCase<unknown>): PostRequest => ({
  url: addressOf(server, "chat/completions"),
  headers: { "content-type": "application/json", ...authorization(server.apiKey) },
  body: chatBody(asked.prompt, { model: server.model, maxTokens: server.maxTokens, image: asked.image }),
  timeoutMs: server.timeoutMs,
});

/**
 * Makes the exchange with one server.
 *
 * A reply that cannot be read is asked for again at once, up to `retries` times; a busy or absent server after growing pauses.
 *
 * @param options.limit Shared by all requests to the server.
 * @param options.usage Counts requests and tokens.
 * @returns A function from a case to its outcome; Left `JudgeFailed` for a server that stays busy or away, and for a wrong key,
 * model or address.
 */
export function chatExchange(
  server: ChatServer,
  options: { readonly limit: Limiter; readonly usage: UsageCounter },
): <A>(asked: ChatCase<A>) => Stage<HasExchange, ChatOutcome<A>> {
  return <A>(asked: ChatCase<A>) =>
    pipe(
      iterate<HasExchange, Attempt<A>>(
        (state) => state._tag !== "Trying",
        (state) =>
          attemptOnce(asked, { ...options, server, attempt: state._tag === "Trying" ? state.attempt : 0 }),
      )({ _tag: "Trying", attempt: 0 }),
      RTE.map((state) => state as ChatOutcome<A>),
    );
}

interface AttemptContext {
  readonly server: ChatServer;
  readonly limit: Limiter;
  readonly usage: UsageCounter;
  readonly attempt: number;
}

const attemptOnce = <A>(asked: ChatCase<A>, context: AttemptContext): Stage<HasExchange, Attempt<A>> =>
  pipe(
    send(asked, context),
    RTE.flatMap((reply): Stage<HasExchange, Attempt<A>> => {
      const verdict = verdictOf(reply);
      if (verdict === "use" && reply._tag === "Answer") {
        return RTE.right(readAnswer(asked, reply.body, context));
      }
      if (verdict === "skip") return RTE.right({ _tag: "Unread", problem: replyProblem(reply) });
      if (verdict === "stop") return RTE.left(failure(context.server, replyProblem(reply)));
      return pauseThenRetry(asked.name, reply, context);
    }),
  );

const send =
  (asked: ChatCase<unknown>, { server, limit, usage }: AttemptContext): Stage<HasExchange, PostReply> =>
  ({ network, clock }) => {
    const post = network.post(requestFor(server, asked));
    const counted = (): Promise<PostReply> => {
      usage.add({ requests: 1 });
      return post();
    };
    const limited = limit(counted, { now: clock.now, wait: network.wait });
    return () => limited().then((reply) => E.right(reply));
  };

const failure = (server: ChatServer, problem: string): PipelineError => ({
  _tag: "JudgeFailed",
  judge: server.model,
  problem,
});

const pauseThenRetry =
  (name: string, reply: PostReply, context: AttemptContext): Stage<HasNetwork, Attempt<never>> =>
  ({ network }) =>
  async () => {
    const { attempt, server } = context;
    if (attempt >= server.retries) {
      return E.left(failure(server, `${replyProblem(reply)} (after ${attempt + 1} attempts)`));
    }
    const asked = reply._tag === "Answer" ? reply.retryAfterMs : null;
    await network.wait(pauseMs(attempt, { asked, name }))();
    return E.right({ _tag: "Trying", attempt: attempt + 1 });
  };

const readAnswer = <A>(asked: ChatCase<A>, body: string, context: AttemptContext): Attempt<A> => {
  const { attempt, server, usage } = context;
  const completion = readCompletion(body);
  if (E.isRight(completion)) {
    const { promptTokens, completionTokens } = completion.right;
    usage.add({ promptTokens, completionTokens });
  }
  const outcome = pipe(
    completion,
    E.flatMap((reply) => pipe(asked.read(reply.content), E.map((value) => ({ value, reply })))),
  );
  if (E.isRight(outcome)) return { _tag: "Read", ...outcome.right };
  if (attempt < server.retries) return { _tag: "Trying", attempt: attempt + 1 };
  return { _tag: "Unread", problem: `the reply ${outcome.left}` };
};
