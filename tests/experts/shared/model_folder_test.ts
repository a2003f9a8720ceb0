import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { describe as lineOf } from "../../../lib/core/error.ts";
import {
  readModelSettings,
  readOptionalSettings,
  readSettings,
  readTextOf,
  withDownload,
  withWeights,
} from "../../../lib/experts/shared/model_folder.ts";
import assert from "node:assert/strict";
import { problem, right } from "../../run/outcome.ts";
import { memoryFiles } from "../../support/files.ts";
import { disk } from "./model_on_disk.ts";

const model = { path: "m", repository: "a/b" };
const advice = "download the files of a/b to m";
const world = {
  files: memoryFiles({
    "m/config.json": JSON.stringify({ model_type: "ernie", heads: 2, more: true }),
    "m/broken.json": "{",
    "m/vocab.txt": "a\nb",
  }),
};
const Settings = t.intersection([t.type({ heads: t.number }), t.partial({ model_type: t.string })]);

describe("withDownload()", () => {
  it("adds where to get a file, and leaves other errors alone", () => {
    const add = withDownload(model);
    assert.equal(
      lineOf(add({ _tag: "FileMissing", path: "x", remedy: "look" })),
      `x: file not found; ${advice}`,
    );
    const corrupt = lineOf(add({ _tag: "CheckpointCorrupt", path: "x", problem: "torn" }));
    assert.equal(corrupt, `x: torn; ${advice} again`);
    const invalid = lineOf(add({ _tag: "InputInvalid", where: "x", problem: "odd", remedy: "fix it" }));
    assert.equal(invalid, `x: odd; fix it, or ${advice}`);
    const config = { _tag: "ConfigInvalid", where: "x", problems: ["y"] } as const;
    assert.equal(add(config), config);
  });
});

describe("readSettings()", () => {
  it("reads the keys that it knows", async () => {
    assert.equal(right(await readSettings(model, "config.json", Settings)(world)()).heads, 2);
  });
  it("names the key or the flaw", async () => {
    const other = await readSettings(model, "config.json", t.type({ layers: t.number }))(world)();
    assert.equal(problem(other), "m/config.json: layers is missing or of another type");
    assert.match(
      problem(await readSettings(model, "broken.json", Settings)(world)()),
      /^m\/broken\.json: .+/,
    );
    const none = problem(await readSettings(model, "none.json", Settings)(world)());
    assert.equal(none, `m/none.json: file not found; ${advice}`);
  });
});

describe("readOptionalSettings() and readTextOf()", () => {
  it("give nothing and an error for a missing file", async () => {
    assert.equal(right(await readOptionalSettings(model, "none.json", Settings)(world)()), undefined);
    assert.equal(right(await readOptionalSettings(model, "config.json", Settings)(world)())?.heads, 2);
    assert.equal(right(await readTextOf(model, "vocab.txt")(world)()), "a\nb");
    assert.match(problem(await readTextOf(model, "none.txt")(world)()), /file not found; download/);
  });
});

describe("readModelSettings()", () => {
  it("accepts the kinds that fit and a file without kind", async () => {
    assert.equal(right(await readModelSettings(model, Settings, ["bert", "ernie"])(world)()).heads, 2);
    const files = memoryFiles({ "m/config.json": '{"heads": 3}' });
    assert.equal(right(await readModelSettings(model, Settings, ["bert"])({ files })()).heads, 3);
  });
  it("refuses another kind", async () => {
    const line = problem(await readModelSettings(model, Settings, ["clip"])(world)());
    assert.equal(
      line,
      `m/config.json: model_type is ernie, expected clip; ${advice}, or name another folder`,
    );
  });
});

describe("withWeights()", () => {
  it("closes the file whatever happens", async () => {
    const folder = new URL("../../fixtures/experts/ernie", import.meta.url).pathname;
    let late: () => unknown = () => undefined;
    const names = await withWeights({ path: folder, repository: "a/b" }, (source) => {
      late = () => source.readFloat32(source.names[0] ?? "");
      return E.right(source.names.length);
    })(disk)();
    assert.equal(right(names), 40);
    assert.equal((late() as E.Either<unknown, unknown>)._tag, "Left");
  });
});
