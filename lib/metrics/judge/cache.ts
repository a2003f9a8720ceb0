/**
 * Replies that were already paid for.
 *
 * @module
 */
import { createHash } from "node:crypto";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { PipelineError } from "../../core/error.ts";

/** What determines a reply. */
export interface JudgeQuestion {
  readonly model: string;
  readonly rubricVersion: string;
  /** The whole text that is sent, rules included. */
  readonly prompt: string;
  /** The picture that is sent, if any. */
  readonly image: Uint8Array | null;
}

/** One reply that could be read. */
export interface CachedReply {
  /** The text of the reply. */
  readonly reply: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** A store of replies by {@link judgeKey}. */
export interface JudgeCache {
  readonly find: (key: string) => TE.TaskEither<PipelineError, CachedReply | null>;
  readonly store: (
    key: string,
    question: JudgeQuestion,
    reply: CachedReply,
  ) => TE.TaskEither<PipelineError, void>;
}

/** A stage that looks up replies. */
export interface HasJudgeCache {
  readonly judgeCache: JudgeCache;
}

/**
 * Names a question: sha256 of judge model, rubric version, prompt text and image bytes.
 *
 * @returns 64 hexadecimal digits; each part goes in with its length, so parts cannot run into each other.
 *
 * @example
 * ```ts
 * import { judgeKey } from "./cache.ts";
 * import assert from "node:assert/strict";
 * const question = { model: "m", rubricVersion: "1", prompt: "p", image: null };
 * assert.notEqual(judgeKey(question), judgeKey({ ...question, prompt: "q" }));
 * ```
 */
export function judgeKey(question: JudgeQuestion): string {
  const hash = createHash("sha256");
  const { model, rubricVersion, prompt, image } = question;
  const text = new TextEncoder();
  const parts: readonly Uint8Array[] = [model, rubricVersion, prompt].map((value) => text.encode(value));
  for (const part of image === null ? parts : [...parts, image]) hash.update(`${part.length}:`).update(part);
  return hash.digest("hex");
}

/**
 * Makes a cache that lasts as long as the process.
 *
 * @returns An empty cache.
 */
export function memoryCache(): JudgeCache {
  const replies = new Map<string, CachedReply>();
  return {
    find: (key) => TE.fromIO(() => replies.get(key) ?? null),
    store: (key, _question, reply) => TE.fromIO(() => void replies.set(key, reply)),
  };
}
