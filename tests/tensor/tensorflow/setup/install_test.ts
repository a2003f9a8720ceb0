import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as E from "fp-ts/lib/Either.js";
import { libraryFiles } from "../../../../lib/tensor/tensorflow/library.ts";
import { installedIn, readRecord } from "../../../../lib/tensor/tensorflow/locate.ts";
import {
  installPlan,
  prepareTensorFlow,
  setupTensorFlow,
} from "../../../../lib/tensor/tensorflow/setup/install.ts";
import type { Plan } from "../../../../lib/tensor/tensorflow/setup/packages.ts";
import { reasonOf, requirePip, runPython } from "../../../../lib/tensor/tensorflow/setup/python.ts";

const files = libraryFiles(Deno.build.os);
const hasPip = files !== null && E.isRight(await requirePip()());
const lines: string[] = [];
const log = { info: (line: string) => lines.push(line), warn: () => {}, progress: () => {} };

/** A wheel like TensorFlow's, of a few bytes, and one file that tries to leave the folder. */
const MAKE_WHEEL = `
import sys, zipfile
folder, *files = sys.argv[1:]
with zipfile.ZipFile(folder + "/tinyflow-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
    for file in files:
        wheel.writestr("tensorflow/" + file, b"library " * 1000)
    wheel.writestr("tensorflow/lib/../../../escaped", b"no")
    wheel.writestr("tensorflow/other.py", b"no")
    wheel.writestr("tinyflow-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: tinyflow\\nVersion: 1.0\\n")
    wheel.writestr("tinyflow-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr("tinyflow-1.0.dist-info/RECORD", "")
`;
const PLAN: Plan = {
  package: "tinyflow",
  version: "1.0",
  platforms: ["any"],
  requirements: [{ requirement: "tinyflow==1.0", megabytes: 1 }],
  keep: "tensorflow/(lib/.*|libtensorflow_.*)",
};

async function withIndex(body: (cache: string, index: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const before = ["PIP_NO_INDEX", "PIP_FIND_LINKS"].map((name) => [name, Deno.env.get(name)] as const);
  try {
    await Deno.mkdir(`${folder}/index`);
    const made = await runPython(["-c", MAKE_WHEEL, `${folder}/index`, ...files ?? []])();
    assert.ok(E.isRight(made) && made.right.success);
    Deno.env.set("PIP_NO_INDEX", "1");
    Deno.env.set("PIP_FIND_LINKS", `${folder}/index`);
    await body(`${folder}/cache`, `${folder}/index`);
  } finally {
    for (const [name, value] of before) {
      value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
    }
    await Deno.remove(folder, { recursive: true });
  }
}

const names = async (folder: string) =>
  (await Array.fromAsync(Deno.readDir(folder), (entry) => entry.name)).sort();

describe("installPlan()", { skip: !hasPip }, () => {
  it("installs only the libraries, once, and leaves nothing else behind", () =>
    withIndex(async (cache, index) => {
      const installed = await installPlan(cache, PLAN, log)();
      assert.deepEqual(installed, E.right(`${cache}/tinyflow-1.0/tensorflow`));
      assert.deepEqual(await names(`${cache}/tinyflow-1.0/tensorflow`), [...files ?? []].sort());
      assert.deepEqual(await names(cache), ["installed.json", "setup.lock", "tinyflow-1.0"]);
      assert.equal(readRecord(cache)?.sizes[files?.[0] ?? ""], 8000);
      await Deno.remove(index, { recursive: true });
      assert.deepEqual(await installPlan(cache, PLAN, log)(), installed);
    }));

  it("continues with a wheel that an interrupted run left, and repairs a damaged installation", () =>
    withIndex(async (cache, index) => {
      const stage = `${cache}/stage-tinyflow-1.0`;
      await Deno.mkdir(`${stage}/wheels/tinyflow`, { recursive: true });
      await Deno.mkdir(`${stage}/tree/tensorflow`, { recursive: true });
      await Deno.writeTextFile(`${stage}/tree/tensorflow/half`, "half");
      const wheel = "tinyflow-1.0-py3-none-any.whl";
      await Deno.rename(`${index}/${wheel}`, `${stage}/wheels/tinyflow/${wheel}`);
      assert.equal(installedIn(cache), null);
      assert.ok(E.isRight(await installPlan(cache, PLAN, log)()));
      assert.deepEqual(await names(`${cache}/tinyflow-1.0/tensorflow`), [...files ?? []].sort());
      await Deno.truncate(`${cache}/tinyflow-1.0/tensorflow/${files?.[0]}`, 10);
      assert.equal(installedIn(cache), null);
      const again = await installPlan(cache, PLAN, log)();
      assert.ok(E.isLeft(again) && again.left._tag === "SetupFailed");
      assert.match(again.left.problem, /No matching distribution|Could not find/);
    }));

  it("refuses a file whose hash differs, and forgets it", () =>
    withIndex(async (cache) => {
      const requirements = [{ requirement: "tinyflow==1.0", megabytes: 1, sha256: "0".repeat(64) }];
      const outcome = await installPlan(cache, { ...PLAN, requirements }, log)();
      assert.ok(E.isLeft(outcome) && outcome.left._tag === "SetupFailed");
      assert.match(outcome.left.problem, /has hash [0-9a-f]{64} instead of 0{64}/);
      assert.equal(installedIn(cache), null);
      assert.deepEqual(await names(`${cache}/stage-tinyflow-1.0/wheels`), []);
    }));

  it("installs once when two processes ask at the same time", () =>
    withIndex(async (cache) => {
      lines.length = 0;
      const both = await Promise.all([installPlan(cache, PLAN, log)(), installPlan(cache, PLAN, log)()]);
      assert.ok(both.every(E.isRight));
      assert.equal(lines.filter((line) => line.includes("installed")).length, 1);
    }));
});

describe("setupTensorFlow()", { skip: files === null }, () => {
  it("records an existing folder, and refuses one without the libraries", async () => {
    const cache = await Deno.realPath(await Deno.makeTempDir());
    const libraryFolder = `${cache}/somewhere/tensorflow`;
    const refused = await setupTensorFlow({ gpu: false, libraryFolder, cache })({ log })();
    assert.ok(E.isLeft(refused) && refused.left._tag === "SetupFailed");
    assert.match(refused.left.problem, /doesn't hold/);
    assert.equal(installedIn(cache), null);
    await Deno.mkdir(libraryFolder, { recursive: true });
    for (const file of files ?? []) await Deno.writeTextFile(`${libraryFolder}/${file}`, "x");
    const adopted = await setupTensorFlow({ gpu: false, libraryFolder: `${cache}/somewhere`, cache })({
      log,
    })();
    assert.deepEqual(adopted, E.right(libraryFolder));
    assert.equal(installedIn(cache), libraryFolder);
    assert.deepEqual(await setupTensorFlow({ gpu: false, cache })({ log })(), E.right(libraryFolder));
    await Deno.remove(cache, { recursive: true });
  });
});

describe("prepareTensorFlow()", () => {
  it("installs nothing for other devices, nor when a folder is named", async () => {
    for (
      const options of [{ device: "wasm" }, { device: "cpu" }, { device: "auto", libraryFolder: "/nowhere" }]
    ) {
      lines.length = 0;
      assert.deepEqual(await prepareTensorFlow(options)({ log })(), E.right(undefined));
      assert.deepEqual(lines, []);
    }
  });
});

describe("runPython()", { skip: !hasPip }, () => {
  it("hears lines as they come and reports the exit", async () => {
    const heard: string[] = [];
    const program = "import sys; print('a'); print('b'); sys.exit(3)";
    const finished = await runPython(["-c", program], { onLine: (line) => heard.push(line) })();
    assert.ok(E.isRight(finished));
    assert.equal(finished.right.success, false);
    assert.deepEqual(heard, ["a", "b"]);
    assert.equal(reasonOf(finished.right), "b");
  });
});
