import assert from "node:assert/strict";
import { after, describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import { decodeImage } from "../../lib/image/image_file.ts";
import { ROOT, runTask, scratchFolder } from "../support/command.ts";
import { metricsOf, onlyRun } from "../support/run_files.ts";
import { writeTinyTraining } from "../support/tiny_training.ts";

const { relative, absolute } = scratchFolder();

const train = (device: string) =>
  runTask(
    "train",
    join(relative, "config.yaml"),
    ...["--set", `device=${device}`, "--set", `runs=${join(relative, device)}`],
  );

await writeTinyTraining(relative, {
  device: "webgpu",
  rl: { max_steps: 1, learning_rate: 0.01 },
  evaluation: { tasks: [] },
});
const trained = await train("webgpu");
const hasAdapter = !trained.error.includes("there is no adapter");
if (!hasAdapter) console.log("skipped: no WebGPU adapter");

after(() => Deno.remove(absolute, { recursive: true }));

const learned = (device: string): Readonly<Record<string, unknown>> => {
  const { metrics } = metricsOf(onlyRun(join(absolute, device))).at(-1) ?? { metrics: {} };
  return Object.fromEntries(
    Object.entries(metrics).filter(([name]) => /^(reward|loss|kl|grad_norm|cold_start)/.test(name)),
  );
};

/** The pixels of the one picture that a device draws from the run of WebGPU. */
async function drawn(device: string): Promise<Uint8ClampedArray | Uint8Array> {
  const folder = join(relative, `drawn-${device}`);
  const run = onlyRun(join(absolute, "webgpu"));
  const options = ["--run", run, "--count", "1", "--device", device, "--out", folder];
  const { code, out, error } = await runTask("generate", "a photo of <mip> at the beach", ...options);
  assert.equal(code, 0, error);
  const file = out.split("\n").find((line) => line.endsWith("-0.png")) ?? "";
  const decoded = decodeImage(Deno.readFileSync(join(ROOT, file)), file);
  assert(decoded._tag === "Right");
  return decoded.right.image.data;
}

describe("deno task train and generate, device: webgpu", {
  skip: hasAdapter ? false : "no WebGPU adapter",
}, () => {
  it("trains as on cpu", async () => {
    assert.equal(trained.code, 0, trained.error);
    assert.match(trained.out, /^backend: webgpu on /m);
    assert.match(trained.out, /^report: /m);
    const reference = await train("cpu");
    assert.equal(reference.code, 0, reference.error);
    const [found, expected] = [learned("webgpu"), learned("cpu")];
    assert.ok(Object.keys(expected).length > 2, JSON.stringify(expected));
    for (const [name, value] of Object.entries(expected)) {
      const close = typeof value !== "number" || Math.abs((found[name] as number) - value) < 1e-3;
      assert.ok(close, `${name}: ${found[name]}, on cpu ${value}`);
    }
  });

  it("draws as on cpu", async () => {
    const [found, expected] = [await drawn("webgpu"), await drawn("cpu")];
    assert.equal(found.length, expected.length);
    assert.ok(found.every((level, at) => Math.abs(level - (expected[at] as number)) <= 2));
  });
});
