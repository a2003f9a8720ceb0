/**
 * `deno task bench [name]`: measurements by name; each is a file of this folder that exports `bench`.
 *
 * @module
 */

/** Every measurement, by the name that the command line takes; the first is the default. */
const BENCHES: Readonly<Record<string, { readonly file: string; readonly doc: string }>> = {
  transformer: {
    file: "transformer.ts",
    doc: "a small transformer, forward and training step, next to PyTorch",
  },
  update: { file: "update.ts", doc: "one update on random weights, stage by stage, next to PyTorch" },
  growth: { file: "growth.ts", doc: "seconds and memory of an update against its sizes" },
  estimate: { file: "estimate.ts", doc: "an update of the published model on one H100, from formulas" },
  "--check": { file: "check.ts", doc: "the update's speed next to PyTorch against the committed ratios" },
  model: { file: "model.ts", doc: "what prefix caching, head slicing and batching in pairs save" },
  memory: { file: "memory.ts", doc: "memory of the first gradient at nano size, next to its estimate" },
  "full-size": { file: "full_size.ts", doc: "the published sizes on random weights" },
};

/** A measurement: takes the words after its name, returns the exit code. */
export type Bench = (words: readonly string[]) => Promise<number>;

const list = (): string =>
  Object.entries(BENCHES).map(([name, { doc }]) => `  ${name.padEnd(12)} ${doc}`).join("\n");

async function main([first = "transformer", ...rest]: readonly string[]): Promise<number> {
  if (first === "--help") {
    console.log(`usage: deno task bench [name] [options]; each name has a --help of its own\n\n${list()}`);
    return 0;
  }
  const known = BENCHES[first];
  if (known === undefined) {
    console.error(`there is no measurement ${first}; there are\n${list()}`);
    return 2;
  }
  const { bench } = await import(`./${known.file}`) as { readonly bench: Bench };
  return await bench(rest);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
