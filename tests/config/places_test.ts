import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parseCommand } from "../../lib/config/command.ts";
import { field, section } from "../../lib/config/field.ts";
import { loadConfig } from "../../lib/config/load.ts";
import {
  anchorAt,
  anchorData,
  anchorOfFile,
  anchorOverride,
  writtenPlaces,
} from "../../lib/config/places.ts";
import { memoryFiles } from "../support/files.ts";
import { right } from "../run/outcome.ts";

const schema = section("A run.", {
  concept: field.path("read", { default: "mip", doc: "Concept." }),
  runs: field.path("folder", { default: "runs", doc: "Runs." }),
  name: field.text({ default: "a", doc: "Name." }),
  judge: section("Judge.", { record: field.path("file", { default: "", doc: "Scores." }) }),
});
const { fields } = schema;
const user = anchorAt(
  "/elsewhere/ana",
  (path) => ["/elsewhere/ana/cup", "/elsewhere/ana/a.json"].includes(path),
);

describe("places", () => {
  it("anchorAt() looks for what is read beside the user first, and writes there", () => {
    assert.equal(user("cup", "read"), "/elsewhere/ana/cup");
    assert.equal(user("../ana/cup", "read"), "/elsewhere/ana/cup");
    assert.equal(user("assets/nano", "read"), "assets/nano");
    assert.equal(user("latest", "run"), "latest");
    assert.equal(user("new", "folder"), "/elsewhere/ana/new");
    assert.equal(user("/far/cup", "folder"), "/far/cup");
    assert.equal(user("", "file"), "");
    assert.equal(user("a.json,b.json", "read"), "/elsewhere/ana/a.json,b.json");
    assert.equal(user("cup:stage_2:15", "read"), "/elsewhere/ana/cup:stage_2:15");
    assert.equal(user("other:stage_2:15", "read"), "other:stage_2:15");
  });

  it("anchorOfFile() counts from a file outside the project, and keeps what bundled files say", () => {
    const outside = anchorOfFile("/elsewhere/ana/mine.yaml", (path) => path === "/elsewhere/ana/cup");
    assert.deepEqual(["cup", "mip"].map((path) => outside(path, "read")), ["/elsewhere/ana/cup", "mip"]);
    assert.equal(outside("out", "folder"), "/elsewhere/ana/out");
    const inside = anchorOfFile("configs/nano.yaml", (path) => path === "configs/cup");
    assert.deepEqual(["cup", "mip"].map((path) => inside(path, "read")), ["configs/cup", "mip"]);
    assert.equal(inside("runs", "folder"), "runs");
  });

  it("anchorData() and anchorOverride() move paths and nothing else, at any depth", () => {
    const data = { concept: "cup", runs: "out", name: "cup", judge: { record: "s.jsonl" }, typo: "cup" };
    assert.deepEqual(anchorData(fields, data, user), {
      ...{ concept: "/elsewhere/ana/cup", runs: "/elsewhere/ana/out", name: "cup", typo: "cup" },
      judge: { record: "/elsewhere/ana/s.jsonl" },
    });
    assert.equal(
      anchorOverride(fields, "judge.record=s.jsonl", user),
      'judge.record="/elsewhere/ana/s.jsonl"',
    );
    for (
      const text of ["name=cup", "concept=mip", "concept=3", "nonsense", "concept=[", "judge=cup", "x.y=cup"]
    ) {
      assert.equal(anchorOverride(fields, text, user), text);
    }
  });

  it("writtenPlaces() names folders: those to write, those of files, those of runs that are paths", () => {
    const options = { run: field.path("run", { default: "latest", doc: "Run." }), ...fields };
    const values = { run: "/a/run", concept: "/b", runs: "/c", name: "/d", judge: { record: "/e/s.jsonl" } };
    assert.deepEqual(writtenPlaces(options, values), ["/a/run", "/c", "/e"]);
    assert.deepEqual(writtenPlaces(options, { ...values, run: "latest", runs: "" }), ["/e"]);
    const checkpoint = { ...values, run: "/a/run/checkpoints/step-000020" };
    assert.deepEqual(writtenPlaces(options, checkpoint), ["/a/run", "/c", "/e"]);
  });

  it("parseCommand() moves arguments, flags and overrides that are given, not defaults", () => {
    const line = {
      name: "a",
      summary: "a",
      positionals: [{ name: "photos", doc: "Photos.", place: "read" as const }],
      options: { out: field.path("folder", { default: "photos", doc: "Out." }) },
      schema,
    };
    const given = right(parseCommand(line, ["cup", "--out", "set", "--set", "runs=r"], user));
    assert.deepEqual([given.positionals.photos, given.options.out, given.overrides], [
      ...["/elsewhere/ana/cup", "/elsewhere/ana/set"],
      ['runs="/elsewhere/ana/r"'],
    ]);
    assert.equal(right(parseCommand(line, ["cup"], user)).options.out, "photos");
  });

  it("loadConfig() counts paths from the file that says them, a parent's from the parent", async () => {
    const files = memoryFiles({
      "/far/base.yaml": "concept: cup\nruns: out\n",
      "/near/mine.yaml": "extends: ../far/base.yaml\njudge: { record: s.jsonl }\n",
      "/far/cup": "",
    });
    const config = right(
      await loadConfig(schema, { path: "/near/mine.yaml", overrides: ["name=b"] })({ files })(),
    );
    assert.deepEqual(config, {
      ...{ concept: "/far/cup", runs: "/far/out", name: "b", judge: { record: "/near/s.jsonl" } },
    });
  });
});
