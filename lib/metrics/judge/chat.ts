/**
 * A judge behind an OpenAI-compatible chat server.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasLog } from "../../core/capability.ts";
import type { Stage } from "../../core/stage.ts";
import { type HasJudgeCache, judgeKey, type JudgeQuestion } from "./cache.ts";
import {
  type ChatCase,
  chatExchange,
  type ChatOutcome,
  type ChatServer,
  type HasExchange,
} from "./exchange.ts";
import type { Judge, JudgeProbes } from "./judge.ts";
import { type LimiterOptions, makeLimiter } from "./limiter.ts";
import { parsePreference, parseScore, parseSegments } from "./reply.ts";
import {
  type Phrasing,
  preferencePrompt,
  RUBRIC_VERSION,
  segmentPrompt,
  segmentsPrompt,
  textPrompt,
} from "./rubric.ts";
import { shareUnderWay } from "./share.ts";
import { type JudgeUsage, makeUsageCounter, type TokenPrice, type UsageCounter } from "./usage.ts";

/** Where the server is and how to treat it. */
export interface ChatJudgeConfig extends ChatServer, LimiterOptions {
  /** Whether all clauses of a prompt go into one request, or each into its own. */
  readonly segmentsPerCall: "all" | "one";
  /** For the cost; `null` = not known. */
  readonly price: TokenPrice | null;
}

/** Settings that suit a public server; address, model and key are the user's. */
export const CHAT_JUDGE_DEFAULTS = {
  apiKey: null,
  concurrency: 4,
  requestsPerMinute: null,
  retries: 3,
  timeoutMs: 60_000,
  maxTokens: 1024,
  segmentsPerCall: "all",
  price: null,
} as const satisfies Omit<ChatJudgeConfig, "baseUrl" | "model">;

/** What asking needs. */
export type HasChat = HasExchange & HasJudgeCache & HasLog;

/** A chat judge, and what it cost so far. */
export interface ChatJudge extends Judge<HasChat> {
  readonly usage: () => JudgeUsage;
  /** The same judge, asked in other ways. */
  readonly probes: JudgeProbes<HasChat>;
}

type Unnamed<A> = Omit<ChatCase<A>, "name">;

/**
 * Makes a judge from a chat server.
 *
 * Each question is looked up in the cache first, and stored there once its reply could be read; the same question asked
 * twice at the same time is sent once. A reply that can't be read after all attempts gives `null` and a warning. A server that
 * stays away fails the stage, so that nothing is scored by accident and a later run goes on from the cache.
 *
 * @param config Server and bounds.
 * @returns The judge; Left `JudgeFailed` for a server that stays busy or away, and for a wrong key, model or address.
 */
export function chatJudge(config: ChatJudgeConfig): ChatJudge {
  const usage = makeUsageCounter(config.price);
  const exchange = chatExchange(config, { limit: makeLimiter(config), usage });
  const share = shareUnderWay();
  const ask = <A>(asked: Unnamed<A>): Stage<HasChat, A | null> => {
    const question = questionOf(config.model, asked);
    const name = judgeKey(question);
    const fresh = pipe(
      exchange({ ...asked, name }),
      RTE.flatMap((outcome) => remember(outcome, { name, question, usage })),
    );
    return share(name, lookUp({ ...asked, name }, { fresh, usage }));
  };
  const graded = (phrasing: Phrasing): Judge<HasChat> => ({
    id: config.model,
    text: (item) => ask({ prompt: textPrompt(item, phrasing), image: null, read: parseScore }),
    segments: clauseGrades(ask, config.segmentsPerCall, phrasing),
  });
  return {
    ...graded("usual"),
    usage: usage.read,
    probes: {
      swapped: graded("swapped"),
      reworded: graded("reworded"),
      prefer: (rivals) => ask({ prompt: preferencePrompt(rivals), image: null, read: parsePreference }),
    },
  };
}

type AskChat = <A>(asked: Unnamed<A>) => Stage<HasChat, A | null>;

/** Grades the clauses of a picture in one request or in one each; swapped ones are sent in reversed order. */
const clauseGrades = (
  ask: AskChat,
  perCall: ChatJudgeConfig["segmentsPerCall"],
  phrasing: Phrasing,
): Judge<HasChat>["segments"] =>
(image, segments) => {
  if (segments.length === 0) return RTE.right([]);
  const one = (segment: string): Stage<HasChat, number | null> =>
    ask({ prompt: segmentPrompt(segment, phrasing), image, read: parseScore });
  if (perCall === "one") return RTE.traverseArray(one)(segments);
  const ordered = <A>(list: readonly A[]): readonly A[] => phrasing === "swapped" ? list.toReversed() : list;
  return pipe(
    ask({
      prompt: segmentsPrompt(ordered(segments), phrasing),
      image,
      read: (reply) => parseSegments(reply, segments.length),
    }),
    RTE.map((scores) => scores === null ? segments.map(() => null) : ordered(scores)),
  );
};

const questionOf = (model: string, { prompt, image }: Unnamed<unknown>): JudgeQuestion => ({
  model,
  rubricVersion: RUBRIC_VERSION,
  prompt: `${prompt.system}\n\n${prompt.user}`,
  image: image?.bytes ?? null,
});

const lookUp = <A>(
  asked: ChatCase<A>,
  { fresh, usage }: { readonly fresh: Stage<HasChat, A | null>; readonly usage: UsageCounter },
): Stage<HasChat, A | null> =>
  pipe(
    RTE.asks(({ judgeCache }: HasChat) => judgeCache),
    RTE.flatMapTaskEither((cache) => cache.find(asked.name)),
    RTE.flatMap((known) => {
      const value = known === null ? E.left("unknown") : asked.read(known.reply);
      if (E.isLeft(value)) return fresh;
      usage.add({ cached: 1 });
      return RTE.right(value.right);
    }),
  );

const remember = <A>(
  outcome: ChatOutcome<A>,
  asked: { readonly name: string; readonly question: JudgeQuestion; readonly usage: UsageCounter },
): Stage<HasChat, A | null> => {
  if (outcome._tag === "Unread") {
    return ({ log }) => () => {
      asked.usage.add({ unscored: 1 });
      log.warn(`judge ${asked.question.model}: no score, ${outcome.problem}`);
      return Promise.resolve(E.right(null));
    };
  }
  const { content: reply, promptTokens, completionTokens } = outcome.reply;
  return pipe(
    RTE.asks(({ judgeCache }: HasChat) => judgeCache),
    RTE.flatMapTaskEither((cache) =>
      cache.store(asked.name, asked.question, { reply, promptTokens, completionTokens })
    ),
    RTE.map(() => outcome.value),
  );
};
