import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a program from standard input, with permission to read the project and nothing else. */
async function runWithReadOnly(source: string): Promise<{ readonly code: number; readonly text: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read=.", "--no-check", "-"],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

describe("mod.ts", () => {
  it("starts nothing when it is imported: reading its own packages is all the permission it needs", async () => {
    const { code, text } = await runWithReadOnly(
      'const all = await import("./mod.ts"); console.log(Object.keys(all).length > 100, "imported");',
    );
    assert.equal(code, 0, text);
    assert.match(text, /true imported/);
  });

  it("opens no backend and no tensor when it is imported", async () => {
    await import("../mod.ts");
    const { tf } = await import("../lib/tensor/tf.ts");
    assert.equal(tf.engine().state.numTensors, 0);
    assert.equal(tf.engine().backendName, undefined);
  });

  it("exports the pure parts as functions that work on plain arrays", async () => {
    const { groupAdvantages, totalReward, characterBleu, k3, maskRatio, PAPER_THRESHOLD } = await import(
      "../mod.ts"
    );
    const advantages = groupAdvantages([1, 0], { numGenerations: 2 });
    assert.deepEqual(advantages._tag === "Right" && [...advantages.right], [0.5, -0.5]);
    assert.ok(Math.abs(totalReward([1, NaN], [0.4, 0.6]) - 1) < 1e-12);
    assert.equal(k3(-1, -1), 0);
    assert.equal(maskRatio("cosine", 0), 1);
    assert.equal(PAPER_THRESHOLD.targetPassRate, 0.25);
    assert.ok(characterBleu("a red hat", "a red hat") > 0.99);
  });
});
