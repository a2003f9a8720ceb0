import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { saveCheckpoint } from "../../lib/run/checkpoint.ts";
import { loadIntactCheckpoint } from "../../lib/run/intact_checkpoint.ts";
import { makeLog } from "../../lib/run/live_log.ts";
import { memoryFiles } from "./memory_files.ts";
import { problem, right } from "./outcome.ts";

const FOLDER = "run/checkpoints";
const arrays = {
  policy: new Map([["w", { dtype: "F32" as const, shape: [2], data: Float32Array.of(1, 2) }]]),
};

async function saved(...steps: number[]) {
  const files = memoryFiles();
  for (const step of steps) {
    right(
      await saveCheckpoint(FOLDER, { step, configHash: "", arrays, state: {} }, { keep: 9 })({ files })(),
    );
  }
  const lines: string[] = [];
  const log = makeLog({ out: (text) => lines.push(text), error: (text) => lines.push(text) });
  return { files, log, lines };
}
type World = Awaited<ReturnType<typeof saved>>;

/** Ways in which a checkpoint breaks. */
const DAMAGE: Readonly<Record<string, (world: World, folder: string) => void>> = {
  "half a file": ({ files: { entries } }, folder) =>
    void entries.set(
      `${folder}/policy.safetensors`,
      entries.get(`${folder}/policy.safetensors`)?.slice(0, 9) ?? null,
    ),
  "a flipped bit": ({ files: { entries } }, folder) => {
    const bytes = entries.get(`${folder}/policy.safetensors`) ?? new Uint8Array();
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  },
  "a missing file": ({ files: { entries } }, folder) => void entries.delete(`${folder}/policy.safetensors`),
  "no state": ({ files: { entries } }, folder) => void entries.delete(`${folder}/state.json`),
  "an empty state": ({ files: { entries } }, folder) =>
    void entries.set(`${folder}/state.json`, new Uint8Array()),
};

describe("loadIntactCheckpoint()", () => {
  for (const [name, damage] of Object.entries(DAMAGE)) {
    it(`skips ${name}, and says what and where it goes on`, async () => {
      const world = await saved(1, 2, 3);
      damage(world, `${FOLDER}/step-000003`);
      assert.equal(right(await loadIntactCheckpoint(FOLDER)(world)())?.step, 2);
      assert.equal(world.lines.length, 1);
      assert.match(world.lines[0] ?? "", /^warning: .*step-000003\/.*; skipped, .* is step-000002\n$/);
    });
  }
  it("says nothing where the newest is whole", async () => {
    const world = await saved(1, 2);
    assert.equal(right(await loadIntactCheckpoint(FOLDER)(world)())?.step, 2);
    assert.deepEqual(world.lines, []);
  });
  it("names all that is damaged where nothing is whole, and gives null where there is nothing", async () => {
    const world = await saved(1, 2);
    for (const step of [1, 2]) DAMAGE["no state"]?.(world, `${FOLDER}/step-00000${step}`);
    assert.match(
      problem(await loadIntactCheckpoint(FOLDER)(world)()),
      /no checkpoint is intact: .*step-000002.*step-000001/,
    );
    assert.equal(right(await loadIntactCheckpoint("nowhere")(world)()), null);
  });
});
