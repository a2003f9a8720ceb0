import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import * as TE from "fp-ts/lib/TaskEither.js";
import {
  type Checkpoint,
  loadCheckpoint,
  saveCheckpoint,
  type StoredCheckpoint,
} from "../../lib/run/checkpoint.ts";
import { latestCheckpoint, markBest, recoverCheckpoints } from "../../lib/run/checkpoint_folder.ts";
import { liveBlobs } from "../../lib/run/blobs.ts";
import { liveFiles } from "../../lib/run/live.ts";
import type { RandomAccess } from "../../lib/tensor/containers/random_access.ts";
import type { Blobs } from "../../lib/tensor/weight_source.ts";
import { type MemoryFiles, memoryFiles } from "./memory_files.ts";
import { problem, right } from "./outcome.ts";

const checkpointOf = (step: number, value = step): Checkpoint => ({
  step,
  configHash: "0a1b2c3d",
  arrays: {
    policy: new Map([
      ["rows.weight", { dtype: "F32", shape: [2, 2], data: Float32Array.of(value, -1, 2.5, 1e-7) }],
      ["ids", { dtype: "I32", shape: [1], data: Int32Array.of(value) }],
    ]),
    optimizer: new Map([["m", { dtype: "F32", shape: [], data: Float32Array.of(value / 3) }]]),
  },
  state: { key: [1, 2], threshold: 0.5, value },
});
const save = (files: MemoryFiles, checkpoint: Checkpoint, keep = 3) =>
  saveCheckpoint("run/checkpoints", checkpoint, { keep })({ files })();
const newest = async (files: MemoryFiles): Promise<StoredCheckpoint | undefined> => {
  const path = right(await latestCheckpoint("run/checkpoints")({ files })());
  return path === undefined ? undefined : right(await loadCheckpoint(path)({ files })());
};
const names = (files: MemoryFiles): Promise<readonly string[]> => files.list("run/checkpoints")().then(right);

describe("checkpoint", () => {
  it("what is loaded is what was saved, to the bit", async () => {
    const files = memoryFiles();
    right(await save(files, checkpointOf(40)));
    const { path, ...loaded } = (await newest(files)) as StoredCheckpoint;
    assert.equal(path, "run/checkpoints/step-000040");
    assert.deepEqual(loaded, { ...checkpointOf(40) });
  });

  it("is the same, file by file, where it is written piece by piece", async () => {
    const root = await Deno.makeTempDir();
    try {
      const needs = { files: liveFiles(), blobs: liveBlobs };
      const checkpoint = checkpointOf(3);
      const [streamed, whole] = [`${root}/streamed`, `${root}/whole`];
      right(await saveCheckpoint(streamed, checkpoint, { keep: 1 })(needs)());
      right(await saveCheckpoint(whole, checkpoint, { keep: 1 })({ files: needs.files })());
      for (const file of ["policy.safetensors", "optimizer.safetensors", "state.json"]) {
        const [one, other] = [streamed, whole].map((folder) =>
          Deno.readFileSync(`${folder}/step-000003/${file}`)
        );
        assert.deepEqual(one, other, file);
      }
      const { path: _, ...loaded } = right(await loadCheckpoint(`${streamed}/step-000003`)(needs)());
      assert.deepEqual(loaded, { ...checkpoint });
      assert.deepEqual(right(await needs.files.list(`${streamed}/step-000003`)()).length, 3);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  });

  it("is loaded tensor by tensor: no read is longer than a tensor or a piece of the hash", async () => {
    const root = await Deno.makeTempDir();
    try {
      const size = 2 ** 21;
      const arrays = ["a", "b", "c"].map((name, seed) => {
        const data = new Float32Array(size).map((_, index) => index % 1000 - seed);
        return [name, { dtype: "F32", shape: [size], data }] as const;
      });
      const checkpoint = { ...checkpointOf(1), arrays: { policy: new Map(arrays) } };
      const files = liveFiles();
      const path = right(await saveCheckpoint(root, checkpoint, { keep: 1 })({ files, blobs: liveBlobs })());
      const lengths: number[] = [];
      let open = 0;
      const counted = (blob: RandomAccess): RandomAccess => ({
        size: blob.size,
        readAt: (offset, length) => (lengths.push(length), blob.readAt(offset, length)),
        close: () => (open--, blob.close()),
      });
      const blobs: Blobs = {
        ...liveBlobs,
        open: (file) => (open++, TE.map(counted)(liveBlobs.open(file))),
      };
      const { path: _, ...loaded } = right(await loadCheckpoint(path)({ files, blobs })());
      assert.deepEqual(loaded, checkpoint);
      assert.equal(Math.max(...lengths), 4 * size);
      assert.ok(lengths.reduce((sum, length) => sum + length) > 2 * 3 * 4 * size, "hashed, then read");
      assert.equal(open, 0);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  });

  it("works on a real disk", async () => {
    const root = await Deno.makeTempDir();
    try {
      const files = liveFiles();
      const folder = `${root}/checkpoints`;
      for (const step of [1, 2]) {
        right(await saveCheckpoint(folder, checkpointOf(step), { keep: 1 })({ files })());
      }
      right(await saveCheckpoint(folder, checkpointOf(2, 7), { keep: 1 })({ files })());
      const path = right(await latestCheckpoint(folder)({ files })()) as string;
      assert.deepEqual(right(await loadCheckpoint(path)({ files })()).state, checkpointOf(2, 7).state);
      assert.deepEqual(right(await files.list(folder)()), ["latest", "step-000002"]);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  });

  it("keeps the newest N and the best", async () => {
    const files = memoryFiles();
    right(await save(files, checkpointOf(10), 2));
    right(await markBest("run/checkpoints", 10)({ files })());
    for (const step of [20, 30, 40]) right(await save(files, checkpointOf(step), 2));
    assert.deepEqual(await names(files), ["best", "latest", "step-000010", "step-000030", "step-000040"]);
  });

  it("a crash at any moment leaves the old checkpoint or the new one, whole", async () => {
    const steps = fc.record({
      second: fc.constantFrom(20, 10),
      dieAfter: fc.integer({ min: 0, max: 14 }),
    });
    await fc.assert(
      fc.asyncProperty(steps, async ({ second, dieAfter }) => {
        const before = memoryFiles();
        right(await save(before, checkpointOf(10)));
        await save(memoryFiles({ entries: before.entries, dieAfter }), checkpointOf(second, 99));
        const after = memoryFiles({ entries: before.entries });
        right(await recoverCheckpoints("run/checkpoints")({ files: after })());
        const found = (await newest(after)) as StoredCheckpoint;
        const expected = [checkpointOf(10), checkpointOf(second, 99)].map(({ state }) =>
          JSON.stringify(state)
        );
        assert(expected.includes(JSON.stringify(found.state)));
        right(await save(after, checkpointOf(30)));
        assert.equal((await newest(after))?.step, 30);
        assert((await names(after)).every((name) => !/\.(tmp|old)$/.test(name)));
      }),
      { numRuns: 100 },
    );
  });

  it("any changed byte of a tensor file is noticed, and the file named", async () => {
    const files = memoryFiles();
    right(await save(files, checkpointOf(40)));
    const path = "run/checkpoints/step-000040/optimizer.safetensors";
    const original = files.entries.get(path) as Uint8Array;
    const load = () => loadCheckpoint("run/checkpoints/step-000040")({ files })();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: original.length - 1 }), async (index) => {
        files.entries.set(path, original.map((byte, place) => place === index ? byte ^ 1 : byte));
        assert.match(problem(await load()), /optimizer\.safetensors: its content differs .*SHA-256/);
      }),
      { numRuns: 20 },
    );
    files.entries.set(path, original.slice(1));
    assert.match(problem(await load()), /optimizer\.safetensors: has \d+ bytes, \d+ were written/);
    files.entries.delete(path);
    assert.match(problem(await load()), /optimizer\.safetensors: the file is missing/);
  });

  it("a broken or missing state.json is named", async () => {
    const files = memoryFiles();
    right(await save(files, checkpointOf(40)));
    const path = "run/checkpoints/step-000040/state.json";
    const load = () => loadCheckpoint("run/checkpoints/step-000040")({ files })();
    files.entries.set(path, new TextEncoder().encode('{"format": 1'));
    assert.match(problem(await load()), /state\.json: is not JSON/);
    files.entries.set(path, new TextEncoder().encode("{}"));
    assert.match(problem(await load()), /state\.json: lacks one of format, step/);
    files.entries.delete(path);
    assert.match(problem(await load()), /file not found; name a checkpoint folder/);
  });
});
