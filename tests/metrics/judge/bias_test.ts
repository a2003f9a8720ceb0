import { describe, it } from "@std/testing/bdd";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import assert from "node:assert/strict";
import { keyFromSeed } from "../../../lib/core/key.ts";
import { type BiasFinding, judgeBias } from "../../../lib/metrics/judge/bias.ts";
import { sampling } from "../../../lib/metrics/judge/case_sample.ts";
import { CHAT_JUDGE_DEFAULTS, chatJudge, type ChatJudgeConfig } from "../../../lib/metrics/judge/chat.ts";
import type { Judge } from "../../../lib/metrics/judge/judge.ts";
import { completion, fakeWorld, succeed } from "./fakes.ts";

const config: ChatJudgeConfig = { ...CHAT_JUDGE_DEFAULTS, baseUrl: "http://judge.test/v1", model: "m" };
const texts = ["red", "blue", "green", "red hat"].map((prediction, index) => ({
  ...{ question: `q${index}`, reference: "red", prediction },
}));
const pictures = [1, 2, 3].map((byte) => ({ bytes: Uint8Array.of(byte), mediaType: "image/png" } as const));
const clauses = ["shows a dog", "at noon", "shows a tree", "at night"];

/** What a request asks, as the fake judges below see it. */
interface Asked {
  readonly rules: string;
  readonly fields: readonly (readonly [string, string])[];
  readonly segments: readonly string[];
}
type Verdict = (asked: Asked) => unknown;

const right = (text: string): number => Number(text.includes("red"));
const shown = (text: string): number => Number(text.includes("dog") || text.includes("noon"));

/** Grades the content alone. */
const fair: Verdict = ({ fields, segments }) => {
  const of = Object.fromEntries(fields);
  if ("A" in of) {
    const [a, b] = [right(of["A"] ?? ""), right(of["B"] ?? "")];
    return { better: a === b ? "tie" : a > b ? "A" : "B" };
  }
  if (segments.length === 0) return { score: right(of["prediction"] ?? "") };
  return { segments: segments.map((text, i) => ({ i, score: shown(text) })) };
};

/** Likes what comes first, whatever it is. */
const firstIsBest: Verdict = (asked) => {
  const { fields, segments } = asked;
  if (fields.some(([name]) => name === "A")) return { better: "A" };
  if (segments.length === 0) return { score: Number(fields[1]?.[0] === "prediction") };
  return { segments: segments.map((_, i) => ({ i, score: i < segments.length / 2 ? 1 : 0 })) };
};

/** Milder as soon as the rules are worded otherwise. */
const hangsOnWords: Verdict = (asked) => {
  const mild = /Only the content counts|Trust only/.test(asked.rules);
  if (!mild) return fair(asked);
  const { segments } = asked;
  return segments.length === 0 ? { score: 1 } : { segments: segments.map((_, i) => ({ i, score: 1 })) };
};

function read(body: string): Asked {
  const [{ content: rules }, { content }] = JSON.parse(body).messages;
  const user = JSON.parse(typeof content === "string" ? content : content[0].text);
  const segments = (user.segments ?? []).map(({ segment }: { readonly segment: string }) => segment);
  return { rules, segments, fields: Object.entries(user) as [string, string][] };
}

async function biasOf(verdict: Verdict): Promise<Readonly<Record<string, BiasFinding>>> {
  const { capabilities } = fakeWorld(({ body }) => completion(JSON.stringify(verdict(read(body)))));
  const chat = chatJudge(config);
  const { judge, sample } = sampling(chat, 10);
  for (const item of texts) await succeed(judge.text(item), capabilities);
  for (const image of pictures) await succeed(judge.segments(image, clauses), capabilities);
  const found = await succeed(judgeBias(chat.probes, sample(), keyFromSeed(1)), capabilities);
  return Object.fromEntries(found.map((each) => [each.probe, each]));
}

describe("judgeBias()", () => {
  it("finds nothing against a judge that grades the content", async () => {
    const found = await biasOf(fair);
    assert.deepEqual(Object.keys(found), ["answer order", "clause order", "rules in other words", "A and B"]);
    for (const { changed, shift, interval } of Object.values(found)) {
      assert.deepEqual([changed, shift, interval], [0, 0, { low: 0, high: 0 }]);
    }
    assert.deepEqual(Object.values(found).map(({ cases }) => cases), [4, 12, 16, 4]);
  });

  it("catches a judge that likes what comes first", async () => {
    const found = await biasOf(firstIsBest);
    assert.deepEqual([found["answer order"]?.shift, found["answer order"]?.changed], [1, 1]);
    assert.deepEqual([found["clause order"]?.shift, found["clause order"]?.changed], [1, 1]);
    assert.deepEqual([found["A and B"]?.shift, found["A and B"]?.changed], [1, 1]);
    assert.equal(found["rules in other words"]?.shift, 0);
  });

  it("catches a judge whose grades hang on the words of its rules", async () => {
    const found = await biasOf(hangsOnWords);
    const { shift = 0, interval } = found["rules in other words"] ?? {};
    assert.ok(shift > 0.4 && (interval?.low ?? 0) > 0);
    assert.equal(found["clause order"]?.shift, 0);
  });

  it("has no findings without cases", async () => {
    const { probes } = chatJudge(config);
    const { capabilities } = fakeWorld(() => completion("1"));
    assert.deepEqual(
      await succeed(judgeBias(probes, { texts: [], pictures: [] }, keyFromSeed(1)), capabilities),
      [],
    );
  });
});

describe("sampling()", () => {
  it("keeps no more than the limit, the same in any order", async () => {
    const graded: Judge = { id: "j", text: () => RTE.right(1), segments: () => RTE.right([]) };
    const { capabilities } = fakeWorld(() => completion("1"));
    const keep = async (order: readonly (typeof texts)[number][]) => {
      const { judge, sample } = sampling(graded, 2);
      for (const item of order) await succeed(judge.text(item), capabilities);
      return sample().texts;
    };
    const kept = await keep(texts);
    assert.equal(kept.length, 2);
    assert.deepEqual(kept, await keep(texts.toReversed()));
  });
});
