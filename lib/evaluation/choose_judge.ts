/**
 * The judge that the settings ask for, ready for use.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { dirname, join } from "node:path";
import type { Concept } from "../concept/concept.ts";
import { refuse } from "../core/refuse.ts";
import type { HasClock, HasFiles, HasLog } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import {
  CHAT_JUDGE_DEFAULTS,
  type ChatJudge,
  chatJudge,
  type ChatJudgeConfig,
} from "../metrics/judge/chat.ts";
import type { Judge, JudgeProbes } from "../metrics/judge/judge.ts";
import type { HasNetwork } from "../metrics/judge/network.ts";
import { readRecordedJudge, recording } from "../metrics/judge/recorded.ts";
import { openAddress } from "../metrics/judge/secrets.ts";
import { openSqliteCache } from "../metrics/judge/sqlite_cache.ts";
import { openReader } from "./profile_reader.ts";
import type { EvaluationSettings } from "./settings.ts";
import { worldJudge } from "./world_judge.ts";

/** Settings of a first or a second judge. */
export type JudgeSettings = EvaluationSettings["secondJudge"] | EvaluationSettings["judge"];

/** What opening and asking judges needs. */
export type HasJudging = HasFiles & HasLog & HasClock & HasNetwork;

/** A judge that needs nothing more, and what is to be done when it is no longer needed. */
export interface OpenJudge {
  readonly judge: Judge<unknown> | null;
  /** The same judge, asked in other ways; `null` for one that sees each thing alone. */
  readonly probes: JudgeProbes<unknown> | null;
  /** One line on what it cost; `null` if it costs nothing. */
  readonly bill: () => string | null;
  readonly close: () => void;
}

/** What the choice depends on besides the settings. */
export interface JudgeContext {
  readonly concept: Pick<Concept, "id" | "root">;
  /** Folder of the attribute reader; `null` = the profile has none. */
  readonly reader: string | null;
  /** Reads an environment variable. */
  readonly variable: (name: string) => string | undefined;
}

/**
 * Gives a judge its capabilities once and for all.
 *
 * @param needs What it needs.
 * @returns The same judge, in need of nothing.
 */
export function withCapabilities<R>(judge: Judge<R>, needs: R): Judge<unknown> {
  return {
    id: judge.id,
    text: (item) => () => judge.text(item)(needs),
    segments: (image, segments) => () => judge.segments(image, segments)(needs),
  };
}

const FREE = { probes: null, bill: () => null, close: () => {} } as const;

const openWorld = (settings: JudgeSettings, judge: string | null): Stage<HasFiles, OpenJudge> =>
  pipe(
    openReader({ judge }, { where: "judge.kind", remedy: "choose chat, recorded or none" }),
    RTE.map((reader): OpenJudge => ({
      ...FREE,
      judge: worldJudge(reader, { sure: settings.sure }),
      close: reader.dispose,
    })),
  );

/**
 * Fills in the server of a chat judge.
 *
 * @param variable Reads an environment variable.
 * @returns The configuration, or `undefined` if no address is known.
 */
export function chatConfig(
  settings: JudgeSettings,
  variable: JudgeContext["variable"],
): ChatJudgeConfig | undefined {
  const baseUrl = settings.baseUrl === "" ? variable("OPENAI_BASE_URL") : settings.baseUrl;
  if (baseUrl === undefined || baseUrl === "") return undefined;
  const { inputPrice: input, outputPrice: output, timeoutSeconds } = settings;
  return {
    ...CHAT_JUDGE_DEFAULTS,
    baseUrl,
    model: settings.model,
    apiKey: variable(settings.keyVariable) ?? null,
    concurrency: settings.concurrency,
    requestsPerMinute: settings.requestsPerMinute,
    retries: settings.retries,
    timeoutMs: timeoutSeconds * 1000,
    segmentsPerCall: settings.segmentsPerCall,
    price: input + output === 0 ? null : { input, output },
  };
}

const billOf = (judge: ChatJudge): string => {
  const { requests, cached, unscored, promptTokens, completionTokens, cost } = judge.usage();
  const paid = cost === null ? "" : `, cost ${cost.toFixed(4)}`;
  return `judge ${judge.id}: ${requests} requests, ${cached} from the cache, ${unscored} without a score, ` +
    `${promptTokens} + ${completionTokens} tokens${paid}`;
};

const openChat = (settings: JudgeSettings, { variable }: JudgeContext): Stage<HasJudging, OpenJudge> => {
  const config = chatConfig(settings, variable);
  if (config === undefined) {
    return RTE.fromEither(
      refuse("judge.base_url", "no server is named", "set judge.base_url or the variable OPENAI_BASE_URL"),
    );
  }
  const open = openAddress(config.baseUrl, "judge.base_url");
  if (E.isLeft(open)) return RTE.fromEither(open);
  const judge = chatJudge(config);
  return (needs) =>
    pipe(
      RTE.fromTaskEither(needs.files.makeFolder(dirname(settings.cache))),
      RTE.flatMapTaskEither(() => openSqliteCache(settings.cache)),
      RTE.map((judgeCache): OpenJudge => {
        const all = { ...needs, judgeCache };
        const { swapped, reworded, prefer } = judge.probes;
        return {
          judge: withCapabilities(judge, all),
          probes: {
            swapped: withCapabilities(swapped, all),
            reworded: withCapabilities(reworded, all),
            prefer: (rivals) => () => prefer(rivals)(all),
          },
          bill: () => billOf(judge),
          close: judgeCache.close,
        };
      }),
    )(needs);
};

const isOfWorld = ({ root, id }: JudgeContext["concept"]): Stage<HasFiles, boolean> => ({ files }) =>
  files.exists(join(root, "concept", "test", id, "world.json"));

const openAuto = (settings: JudgeSettings, context: JudgeContext): Stage<HasJudging, OpenJudge> =>
  pipe(
    isOfWorld(context.concept),
    RTE.flatMap((ofWorld): Stage<HasJudging, OpenJudge> =>
      ofWorld && context.reader !== null
        ? openWorld(settings, context.reader)
        : RTE.right({ judge: null, ...FREE })
    ),
  );

const openKind = (settings: JudgeSettings, context: JudgeContext): Stage<HasJudging, OpenJudge> => {
  switch (settings.kind) {
    case "auto":
      return openAuto(settings, context);
    case "world":
      return openWorld(settings, context.reader);
    case "chat":
      return openChat(settings, context);
    case "recorded":
      return pipe(readRecordedJudge(settings.file), RTE.map((judge) => ({ judge, ...FREE })));
    case "none":
      return RTE.right({ judge: null, ...FREE });
  }
};

/**
 * Opens the judge that the settings ask for.
 *
 * @param settings Kind, server, files.
 * @param context Concept, folder of the attribute reader, environment.
 * @returns The judge, to be closed by its owner; Left `InputInvalid` naming the setting that is missing.
 */
export function openJudge(settings: JudgeSettings, context: JudgeContext): Stage<HasJudging, OpenJudge> {
  return pipe(
    openKind(settings, context),
    RTE.flatMap((open) => (needs: HasJudging) => {
      const kept = open.judge === null || settings.record === ""
        ? open
        : { ...open, judge: withCapabilities(recording(open.judge, settings.record), needs) };
      return RTE.right<HasJudging, never, OpenJudge>(kept)(needs);
    }),
  );
}
