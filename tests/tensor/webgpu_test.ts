import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";

const SCRIPT = `
import { openBackend } from "${new URL("../../lib/tensor/backend.ts", import.meta.url)}";
import { tf } from "${new URL("../../lib/tensor/tf.ts", import.meta.url)}";
const silent = { info: () => {}, warn: () => {}, progress: () => {} };
const work = () => {
  const a = tf.tensor2d(Array.from({ length: 4096 }, (_, index) => Math.sin(index)), [64, 64]);
  return [...tf.softmax(tf.matMul(a, a)).dataSync()];
};
const opened = await openBackend({ device: "webgpu" })({ log: silent })();
if (opened._tag === "Left") {
  console.log(JSON.stringify({ problem: opened.left.problem, remedy: opened.left.remedy }));
} else {
  const found = work();
  await openBackend({ device: "cpu" })({ log: silent })();
  const expected = work();
  console.log(JSON.stringify({ error: Math.max(...found.map((value, at) => Math.abs(value - expected[at]))) }));
}
`;

/** A process of its own: TensorFlow and WebGPU can't share one. */
async function openApart(): Promise<{ problem?: string; remedy?: string; error?: number }> {
  const path = await Deno.makeTempFile({ dir: ".cache", suffix: ".ts" });
  try {
    await Deno.writeTextFile(path, SCRIPT);
    const args = ["run", "-A", "--no-check", "--config", "deno.json", path];
    const { stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "null" }).output();
    return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1) ?? "{}");
  } finally {
    await Deno.remove(path);
  }
}

describe("openBackend({ device: webgpu })", () => {
  it("computes what cpu computes, or is refused with the reason and a remedy", async () => {
    const { problem, remedy, error } = await openApart();
    if (error !== undefined) {
      assert.ok(error < 1e-4, `${error}`);
      return;
    }
    assert.match(
      problem ?? "",
      /there is no adapter|the only adapter is software|can't read WebGPU values synchronously/,
    );
    assert.equal(remedy, "choose device: tensorflow or wasm");
  });
});
