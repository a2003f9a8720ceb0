import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { decodeSafetensors } from "../../lib/tensor/containers/safetensors.ts";
import { right } from "../run/outcome.ts";
import { type Outcome, runTask } from "../support/command.ts";

const fixture = (path: string): string => new URL(`../fixtures/${path}`, import.meta.url).pathname;

let root = "";
const run = (...args: readonly string[]): Promise<Outcome> => runTask("convert", ...args);

describe("deno task convert", () => {
  beforeEach(async () => {
    root = await Deno.makeTempDir();
  });
  afterEach(() => Deno.remove(root, { recursive: true }));

  it("writes half precision from a PyTorch file", async () => {
    const target = `${root}/out.safetensors`;
    const { code, out } = await run(fixture("torch/views_legacy.pt"), target, "--dtype", "f16");
    assert.equal(code, 0);
    assert.match(out, /out\.safetensors: 13 tensors, 0\.9 kB/);
    const { tensors } = right(decodeSafetensors(Deno.readFileSync(target), target));
    assert.deepEqual([...tensors.get("window")?.data as Float16Array], [8, 9, 10, 14, 15, 16]);
  });

  it("explains itself", async () => {
    const { code, out } = await run("--help");
    assert.equal(code, 0);
    assert.match(out, /usage: deno task convert <in> <out>/);
    assert.match(out, /keep, f32 or f16/);
  });

  it("refuses in one line with the code of the error, and writes nothing", async () => {
    const target = `${root}/out.safetensors`;
    const cases = [
      [[fixture("loader/hostile_eval.bin"), target], 10, /names \S+eval, which is not allowed/],
      [[`${root}/none.bin`, target], 4, /none\.bin: file not found/],
      [[fixture("torch/views.pt"), `${root}/out.bin`], 3, /is no \.safetensors/],
      [[target, target], 3, /overwrite/],
    ] as const;
    const results = await Promise.all(cases.map(([args]) => run(...args)));
    for (const [index, [, code, reason]] of cases.entries()) {
      assert.equal(results[index]?.code, code);
      assert.match(results[index]?.error as string, reason);
      assert.equal(results[index]?.error.trim().split("\n").length, 1);
    }
    assert.deepEqual([...Deno.readDirSync(root)], []);
  });
});
