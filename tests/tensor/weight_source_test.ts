import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  chooseWeights,
  openWeights,
  parseShardIndex,
  type WeightSource,
} from "../../lib/tensor/weight_source.ts";
import { problem, right } from "../run/outcome.ts";
import { counting, type MemoryDisk, memoryDisk, safetensors } from "./sources.ts";

const BIN = Deno.readFileSync(new URL("../fixtures/torch/views.pt", import.meta.url));
const CORRUPT = Deno.readFileSync(new URL("../fixtures/loader/overlap.safetensors", import.meta.url));

const open = async (disk: MemoryDisk, path: string): Promise<WeightSource> =>
  right(await openWeights(path)(disk)());
const failure = async (disk: MemoryDisk, path: string): Promise<string> => {
  const line = problem(await openWeights(path)(disk)());
  assert.equal(disk.open(), 0, "a file stays open");
  return line;
};

describe("openWeights()", () => {
  it("opens single files of each container and closes them", async () => {
    const disk = memoryDisk({ "a.safetensors": safetensors({ w: counting(2, 2) }), "b.ckpt": BIN });
    const first = await open(disk, "a.safetensors");
    assert.deepEqual(first.names, ["w"]);
    assert.deepEqual(right(first.readFloat32("w")), { shape: [2, 2], data: Float32Array.of(0, 1, 2, 3) });
    const second = await open(disk, "b.ckpt");
    assert.deepEqual(right(second.readFloat32("bf16")), { shape: [2], data: Float32Array.of(1, -3) });
    assert.deepEqual(right(second.readRaw("u8")), { dtype: "U8", shape: [2], bytes: Uint8Array.of(200, 1) });
    assert.equal(second.info("i16")?.dtype, "I16");
    assert.equal(second.info("none"), undefined);
    assert.match(problem(second.readFloat32("none")), /b\.ckpt: there is no tensor none; check/);
    assert.equal(disk.open(), 2);
    first.close();
    second.close();
    assert.equal(disk.open(), 0);
  });

  it("opens a folder, with or without a slash at its end", async () => {
    const disk = memoryDisk({
      "m/config.json": "{}",
      "m/model.safetensors": safetensors({ w: counting(1) }),
    });
    for (const path of ["m", "m/"]) assert.equal((await open(disk, path)).path, "m/model.safetensors");
  });

  it("opens shards of both containers through their index", async () => {
    const index = {
      metadata: { total_size: 8 },
      weight_map: { w: "a-1.safetensors", f64: "a-2.bin", v: "a-1.safetensors" },
    };
    const disk = memoryDisk({
      "m/model.safetensors.index.json": JSON.stringify(index),
      "m/a-1.safetensors": safetensors({ w: counting(1), v: counting(2) }),
      "m/a-2.bin": BIN,
    });
    const source = await open(disk, "m");
    assert.equal(disk.open(), 2);
    assert(["w", "v", "f64", "bool"].every((name) => source.names.includes(name)));
    assert.deepEqual(right(source.readFloat32("v")).data, Float32Array.of(0, 1));
    assert.deepEqual(right(source.readFloat32("f64")).data, Float32Array.of(1.5, -2.5));
    source.close();
    assert.equal(disk.open(), 0);
  });

  it("goes by content where a file has the other container's ending", async () => {
    const disk = memoryDisk({ "a.bin": safetensors({ w: counting(1) }), "b.safetensors": BIN });
    assert.deepEqual((await open(disk, "a.bin")).names, ["w"]);
    assert((await open(disk, "b.safetensors")).names.includes("bf16"));
  });

  it("takes the tensors whose names begin with a part's", async () => {
    const disk = memoryDisk({
      "a.safetensors": safetensors({ "vae.w": counting(2), "unet.w": counting(1) }),
    });
    const source = right(await openWeights("a.safetensors", { part: "vae" })(disk)());
    assert.deepEqual(source.names, ["w"]);
    assert.deepEqual(right(source.readFloat32("w")).shape, [2]);
    source.close();
    const line = problem(await openWeights("a.safetensors", { part: "text" })(disk)());
    assert.match(line, /it has no part text; names of its tensors begin with unet, vae/);
    assert.equal(disk.open(), 0);
  });

  it("fails in one line and leaves nothing open", async () => {
    const index = JSON.stringify({ weight_map: { w: "a.safetensors", x: "b.safetensors" } });
    const lost = JSON.stringify({ weight_map: { gone: "a.safetensors" } });
    const disk = memoryDisk({
      "bad.safetensors": CORRUPT,
      "m/model.safetensors.index.json": index,
      "m/a.safetensors": safetensors({ w: counting(1) }),
      "lost.safetensors.index.json": lost,
      "a.safetensors": safetensors({ w: counting(1) }),
    });
    assert.match(await failure(disk, "bad.safetensors"), /^bad\.safetensors: b: overlaps/);
    assert.match(
      await failure(disk, "m"),
      /^m\/b\.safetensors: file not found; m\/model\.safetensors\.index\.json says .* download/,
    );
    assert.match(
      await failure(disk, "lost.safetensors.index.json"),
      /no shard holds gone \(a\.safetensors should\)/,
    );
    assert.match(await failure(disk, "none.pt"), /^none\.pt: file not found/);
    assert.match(
      await failure(disk, "empty"),
      /^empty\/model\.safetensors: file not found; put model\.safetensors/,
    );
  });
});

describe("chooseWeights()", () => {
  const choose = (...names: readonly string[]): string => right(chooseWeights("f", names));

  it("prefers an index, then safetensors, then PyTorch, then the usual names", () => {
    const all = [
      "model.safetensors",
      "model.safetensors.index.json",
      "pytorch_model.bin",
      "pytorch_model.bin.index.json",
    ];
    assert.equal(choose(...all), "model.safetensors.index.json");
    assert.equal(choose("model.safetensors", "pytorch_model.bin", "config.json"), "model.safetensors");
    assert.equal(choose("a.safetensors", "pytorch_model.safetensors"), "pytorch_model.safetensors");
    assert.equal(choose("pytorch_model.bin", "pytorch_model.bin.index.json"), "pytorch_model.bin.index.json");
    assert.equal(choose("vggface2.pt", "notes.txt"), "vggface2.pt");
  });

  it("asks if several are equally good", () => {
    assert.match(
      problem(chooseWeights("f", ["a.pt", "b.pt"])),
      /f: it holds several weight files: a\.pt, b\.pt; name one/,
    );
    assert.match(problem(chooseWeights("f", ["x.json"])), /not found/);
  });
});

describe("parseShardIndex()", () => {
  it("refuses shards outside the folder and other damage", () => {
    const of = (file: string): string => JSON.stringify({ weight_map: { w: file } });
    for (const file of ["../a.safetensors", "/etc/a.bin", "b\\a.bin", "a.txt"]) {
      assert.match(problem(parseShardIndex(of(file), "i")), /names the shard/, file);
    }
    assert.match(problem(parseShardIndex("{}", "i")), /no weight_map/);
    assert.match(problem(parseShardIndex("{", "i")), /^i: /);
    assert.deepEqual([...right(parseShardIndex(of("a.bin"), "i"))], [["w", "a.bin"]]);
  });
});
