import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import type { Log } from "../../lib/core/capability.ts";
import {
  listenForInterrupt,
  liveCapabilities,
  liveClock,
  liveFiles,
  liveMachine,
} from "../../lib/run/live.ts";
import { problem, right } from "./outcome.ts";

const files = liveFiles();
let root = "";
const at = (name: string): string => `${root}/${name}`;

describe("live", () => {
  beforeEach(async () => {
    root = await Deno.makeTempDir();
  });
  afterEach(() => Deno.remove(root, { recursive: true }));

  it("writeAtomic() replaces the content and leaves no temporary file", async () => {
    right(await files.writeAtomic(at("a"), "one")());
    right(await files.writeAtomic(at("a"), Uint8Array.of(116, 119, 111))());
    assert.equal(right(await files.readText(at("a"))()), "two");
    assert.deepEqual(right(await files.list(root)()), ["a"]);
  });

  it("writeAtomic() fails on a missing folder and leaves nothing", async () => {
    assert.match(problem(await files.writeAtomic(at("none/a"), "x")()), /none\/a: file not found/);
    assert.deepEqual(right(await files.list(root)()), []);
  });

  it("append, rename, remove, exists, list", async () => {
    right(await files.makeFolder(at("b/c"))());
    right(await files.append(at("b/x"), "1")());
    right(await files.append(at("b/x"), "2")());
    right(await files.rename(at("b/x"), at("b/y"))());
    assert.deepEqual(right(await files.list(at("b"))()), ["c", "y"]);
    assert.deepEqual(right(await files.readBytes(at("b/y"))()), Uint8Array.of(49, 50));
    right(await files.remove(at("b"))());
    right(await files.remove(at("b"))());
    assert.equal(right(await files.exists(at("b"))()), false);
    assert.deepEqual(right(await files.list(at("b"))()), []);
  });

  it("a missing file is named with a remedy, a folder in its place too", async () => {
    assert.match(problem(await files.readText(at("none"))()), /none: file not found; check the name/);
    assert.match(problem(await files.readText(root)()), /directory/i);
  });

  it("nobody has pressed Ctrl-C before anybody did", () => {
    const silent: Log = { info: () => {}, progress: () => {}, warn: () => {} };
    const { interrupt, stop } = listenForInterrupt(silent, { finishes: true });
    stop();
    assert.equal(interrupt.requested(), false);
  });

  it("clock and machine say something true", () => {
    const clock = liveClock();
    const start = clock.now();
    assert(clock.now() >= start);
    assert.match(clock.date(), /^20\d\d-\d\d-\d\dT/);
    assert(liveMachine().cores >= 1);
    assert.equal(liveCapabilities().interrupt.requested(), false);
  });
});
