
const Deno = Object.create(globalThis.Deno, { jupyter: { value: {
  display: (what: unknown) => Promise.resolve(void what),
  ...Object.fromEntries(["svg", "html", "md", "image"].map((kind) =>
    [kind, (...parts: readonly unknown[]) => ({ kind, parts })])),
} } }) as typeof globalThis.Deno;
// cell 1
import {
  groupAdvantages,
  type RewardExpert,
  type RewardRow,
  type RgbImage,
  scoreAll,
  solidImage,
} from "../mod.ts";
import { show, valueOf } from "./kit.ts";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
;
// cell 2
const colourfulness = ({ data }: RgbImage): number => {
  let sum = 0;
  for (let at = 0; at < data.length; at += 3) {
    const [r = 0, g = 0, b = 0] = data.subarray(at, at + 3);
    sum += Math.max(r, g, b) - Math.min(r, g, b);
  }
  return sum / (data.length / 3) / 255;
};
const colourful: RewardExpert = {
  name: "colourful",
  score: (rows) => RTE.right(Float32Array.from(rows, ({ image }) => colourfulness(image))),
};
;
// cell 3
const brief: RewardExpert = {
  name: "brief",
  score: (rows) =>
    RTE.right(Float32Array.from(rows, ({ reasoning }) => {
      const words = reasoning.split(" ").filter((word) => word !== "").length;
      return words === 0 ? NaN : Math.exp(-words / 10);
    })),
};
;
// cell 4
const rowOf = (image: RgbImage, reasoning: string): RewardRow => ({
  concept: { id: "bo", token: "<bo>", className: "dog", category: "animal", references: [] },
  mode: "textual",
  question: "",
  prompt: "a photo of <bo> at the beach.",
  compoundPrompt: `a photo of <bo> at the beach. ${reasoning}`,
  reasoning,
  image,
  candidates: ["<bo> wears a red hat at the beach."],
  truthIndex: 0,
});
const pictures = [solidImage(32, 32, [200, 30, 30]), solidImage(32, 32, [120, 120, 120]), solidImage(32, 32, [40, 90, 220])];
const handmade = pictures.map((image, index) =>
  rowOf(image, ["<bo> wears a red hat.", "", "<bo> wears a red hat and looks at the sea for a long time."][index] ?? "")
);
const outcome = valueOf(await scoreAll([colourful, brief], { colourful: 0.7, brief: 0.3 })(handmade)({})());
const centred = valueOf(groupAdvantages(outcome.total, { numGenerations: 3 }));
await show(pictures, [...outcome.total].map((reward, index) => `r ${reward.toFixed(2)} a ${centred[index]?.toFixed(2)}`));
console.table(handmade.map(({ reasoning }, index) => ({
  reasoning,
  colourful: outcome.experts["colourful"]?.[index],
  brief: outcome.experts["brief"]?.[index],
  reward: outcome.total[index],
})));
;
export {};
