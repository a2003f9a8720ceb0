import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { EQUALITY_CASES } from "../support/equality_cases.ts";
import type { EqualityOutcome } from "../support/equality_process.ts";

/** Relative to the larger of 1 and the number; measured on Mesa's llvmpipe: below 5e-5. */
const TOLERANCE = 2e-4;

/** Runs the comparison in a process of its own; `variables` choose its graphics drivers. */
async function compareApart(variables: Readonly<Record<string, string>> = {}): Promise<EqualityOutcome> {
  const path = fileURLToPath(new URL("../support/equality_process.ts", import.meta.url));
  const args = ["run", "-A", "--no-check", "--node-modules-dir=manual", path];
  const command = new Deno.Command(Deno.execPath(), { args, env: variables, stderr: "piped" });
  const { stdout, stderr } = await command.output();
  const line = new TextDecoder().decode(stdout).trim().split("\n").at(-1) ?? "";
  assert.match(line, /^\{/, new TextDecoder().decode(stderr));
  return JSON.parse(line);
}

const outcome = await compareApart();
const hasAdapter = outcome.refused?.problem !== "there is no adapter";
if (!hasAdapter) console.log("skipped: no WebGPU adapter");

describe("device: webgpu", { skip: hasAdapter ? false : "no WebGPU adapter" }, () => {
  for (const name of Object.keys(EQUALITY_CASES)) {
    it(`computes what cpu computes: ${name}`, () => {
      assert.equal(outcome.refused, undefined);
      const error = outcome.errors?.[name] ?? Infinity;
      assert.ok(error <= TOLERANCE, `${error} on ${outcome.description}`);
    });
  }

  it("gives the same bits again, and leaks nothing", () => {
    assert.deepEqual(outcome.unsteady, []);
    assert.equal(outcome.leaked, 0);
  });
});

describe("device: webgpu without an adapter", () => {
  it("is refused with the reason and a remedy", async () => {
    // Metal and Direct3D are never on one machine.
    const elsewhere = Deno.build.os === "darwin" ? "dx12" : "metal";
    const { refused } = await compareApart({ DENO_WEBGPU_BACKEND: elsewhere });
    assert.equal(refused?.problem, "there is no adapter");
    assert.match(refused?.remedy ?? "", /choose device: tensorflow or wasm/);
  });
});
