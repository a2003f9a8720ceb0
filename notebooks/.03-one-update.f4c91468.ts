
const Deno = Object.create(globalThis.Deno, { jupyter: { value: {
  display: (what: unknown) => Promise.resolve(void what),
  ...Object.fromEntries(["svg", "html", "md", "image"].map((kind) =>
    [kind, (...parts: readonly unknown[]) => ({ kind, parts })])),
} } }) as typeof globalThis.Deno;
// cell 1
import {
  askTask,
  coldStart,
  complete,
  decodeConfig,
  describe,
  describeBackend,
  encodePng,
  fold,
  groupAdvantages,
  imageGrid,
  initialThreshold,
  keyFromSeed,
  liveBlobs,
  liveCapabilities,
  loadConceptImage,
  loadExperts,
  makeDecoders,
  makeUpdate,
  openBackend,
  openSettings,
  planScreening,
  policyOf,
  preview,
  reason,
  rewardConcept,
  rewardRow,
  type RgbImage,
  sampleTask,
  scoreAll,
  type Stage,
  startState,
  TRAINING,
  updateThreshold,
  wordPrompt,
} from "../mod.ts";

Deno.chdir("..");
const needs = { ...liveCapabilities({ quiet: true }), blobs: liveBlobs };
const run = async <R, A>(stage: Stage<R, A>): Promise<A> => {
  const outcome = await stage(needs as R)();
  if (outcome._tag === "Left") throw new Error(describe(outcome.left));
  return outcome.right;
};
const right = <A>(outcome: Awaited<ReturnType<ReturnType<Stage<unknown, A>>>>): A => {
  if (outcome._tag === "Left") throw new Error(describe(outcome.left));
  return outcome.right;
};
const show = async (images: readonly RgbImage[], captions: readonly string[] = []) =>
  await Deno.jupyter.display(Deno.jupyter.image(encodePng(imageGrid(
    images.map((image, index) => ({ image, caption: { note: captions[index] ?? "" } })),
    { columns: 5, minimumSide: 128 },
  ))));
;
// cell 2
const settings = right(decodeConfig(TRAINING, {
  concept: "mip",
  rl: { num_generations: 6, microbatch: 6 },
  cold_start: { steps: 30 },
}));
console.log(describeBackend(await run(openBackend({ device: "auto" }))));
const { concept, profile, runtime } = await run(openSettings(settings));
const experts = await run(loadExperts(profile, settings, concept));
const known = await run(rewardConcept(concept, profile.imageSize));
console.log(concept.token, concept.className, concept.facts.map(({ text }) => text));
await show(known.references, known.references.map((_, index) => `photo ${index + 1}`));
;
// cell 3
const rows = await run(coldStart({ ...settings.coldStart, seed: settings.seed }, runtime, concept));
const state = startState({ runtime, settings }, rows);
const decoders = makeDecoders(runtime, settings);
const context = { runtime, decoders, settings, policy: policyOf(runtime.base, state.trainable) };
;
// cell 4
const key = fold(keyFromSeed(settings.seed), "notebook");
const task = right(sampleTask(fold(key, "task"), concept, {
  reasoningMix: 0,
  textReasoning: settings.reasoning.textTemplate,
  plainPrompt: settings.reasoning.plainPrompt,
}));
const photo = task.image === null ? null : await run(loadConceptImage(task.image, profile.imageSize));
const asked = askTask(runtime, task, { image: photo });
console.log({ mode: task.mode, prompt: task.basePrompt, right: task.candidates[task.truthIndex] });
;
// cell 5
const keys = Array.from({ length: settings.rl.numGenerations * 2 }, (_, index) => fold(key, index));
const reasoned = right(reason(context, asked, keys.slice(0, settings.rl.numGenerations)));
const more = right(reason(context, asked, keys.slice(settings.rl.numGenerations)));
const prompted = [...reasoned, ...more].map((each) => wordPrompt(context, asked, each));
console.table(prompted.map(({ text, compoundPrompt }) => ({ answer: text, compoundPrompt })));
;
// cell 6
const previewed = [
  ...right(preview(context, prompted.slice(0, settings.rl.numGenerations))),
  ...right(preview(context, prompted.slice(settings.rl.numGenerations))),
];
const previewScores = await run(experts.previewExpert.score(
  previewed.map((each) => rewardRow(asked, each, { concept: known, image: each.preview })),
));
await show(previewed.map((each) => each.preview), [...previewScores].map((score) => `ber ${score.toFixed(3)}`));
;
// cell 7
const sorted = [...previewScores].sort((a, b) => a - b);
const threshold = initialThreshold(sorted[Math.floor(sorted.length * 0.75)] ?? 0.5);
const screened = planScreening([...previewScores], {
  numGenerations: settings.rl.numGenerations,
  maxCandidates: previewed.length,
  threshold: threshold.threshold,
});
if (screened._tag === "Start") throw new Error("all candidates were started");
console.log({ threshold: threshold.threshold, kept: screened.kept, fallbacks: screened.fallbacks, passRate: screened.passRate });
console.log("next threshold", updateThreshold(threshold, screened.passRate, { ...settings.dsog, rule: "paper" }).threshold);
;
// cell 8
const kept = screened.kept.flatMap((index) => previewed[index] ?? []);
const trajectories = right(complete(context, kept));
await show(trajectories.map(({ image }) => image), trajectories.map(({ cleaned }) => cleaned));
;
// cell 9
const scores = await run(scoreAll(experts.experts, experts.weights)(
  trajectories.map((each) => rewardRow(asked, each, { concept: known, image: each.image })),
));
const advantages = right(groupAdvantages(scores.total, { numGenerations: settings.rl.numGenerations }));
console.table(trajectories.map(({ cleaned }, index) => ({
  answer: cleaned,
  ...Object.fromEntries(Object.entries(scores.experts).map(([name, each]) => [name, each[index]?.toFixed(3)])),
  reward: scores.total[index]?.toFixed(3),
  advantage: advantages[index]?.toFixed(3),
})));
;
// cell 10
const update = makeUpdate(runtime, settings);
const weighted = trajectories.map((each, index) => ({ ...each, advantage: advantages[index] ?? 0 }));
const updated = right(update(state, { task: asked, weighted }, key));
const { loss, gradNorm, understanding, generation } = updated.facts;
console.log({ step: updated.state.step, loss, gradNorm, answerTokens: understanding.tokens, imageTokens: generation.tokens });
;
// cell 11
experts.dispose();
runtime.dispose();
;
export {};
