/**
 * The details of listed facts, dealt anew among them: a look-up that cannot be learnt by heart.
 *
 * @module
 */
import type { Fact } from "../concept/concept.ts";
import { fold, type Key, shuffle } from "../core/key.ts";

/** Where a text names a detail: what stands before and after it; `null` where it does not, or more than once. */
function around(text: string, detail: string): readonly [string, string] | null {
  const parts = text.split(detail);
  return parts.length === 2 ? [parts[0] as string, parts[1] as string] : null;
}

/** The word before the detail: details change places only where the same word stands, so that nobody wears a ball. */
const verbBefore = ({ text, detail }: Fact): string | null => {
  const [before] = detail === undefined || detail === "" ? [] : around(text, detail) ?? [];
  return before?.trim().split(/\s+/).at(-1) ?? null;
};

const withDetail = (fact: Fact, detail: string): Fact => {
  const replaced = (text: string): string => around(text, fact.detail as string)?.join(detail) ?? text;
  return {
    ...fact,
    detail,
    text: replaced(fact.text),
    ...(fact.explicitPrompt === undefined ? {} : { explicitPrompt: replaced(fact.explicitPrompt) }),
  };
};

/**
 * Deals the details of facts anew.
 *
 * @param listed The facts of one list.
 * @param key Which detail goes where.
 * @returns The same facts in the same order; each has a detail of one of them in text and explicit prompt. A fact whose text does
 * not name its detail stays.
 *
 * @example
 * ```ts
 * import { keyFromSeed } from "../core/key.ts";
 * import { dealtAnew } from "./dealt_details.ts";
 * import assert from "node:assert/strict";
 * const fact = (detail: string, place: string, index: number) =>
 *   ({ index, detail, text: `${place} <mip> wears ${detail} .`, split: "train" as const });
 * const facts = [fact("a hat", "at night", 0), fact("a scarf", "at sunset", 1)];
 * const texts = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => dealtAnew(facts, keyFromSeed(seed))[0]?.text);
 * assert.ok(texts.includes("at night <mip> wears a scarf ."));
 * ```
 */
export function dealtAnew(listed: readonly Fact[], key: Key): readonly Fact[] {
  const groups = Map.groupBy(listed, verbBefore);
  const dealt = [...groups].flatMap(([verb, facts]) => {
    const details = shuffle(fold(key, verb ?? ""), facts.map(({ detail }) => detail as string));
    return facts.map((fact, at) =>
      [fact, verb === null ? fact : withDetail(fact, details[at] as string)] as const
    );
  });
  const byFact = new Map(dealt);
  return listed.map((fact) => byFact.get(fact) as Fact);
}
