import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { ROOT } from "../support/command.ts";

const fixture = fileURLToPath(new URL("user_place_fixture.ts", import.meta.url));

async function standing(user: string, named: string, flags = ["-P=concept"]) {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", "--node-modules-dir=none", ...flags, fixture, named],
    cwd: ROOT,
    env: { INIT_CWD: user, NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.notEqual(text, "", new TextDecoder().decode(stderr));
  return JSON.parse(text);
}

describe("user_place", () => {
  it("userAnchor() counts from where the user stands, writeOnly() leaves the named place and no other", async () => {
    assert.deepEqual(await standing("/elsewhere/ana", "set"), {
      place: "/elsewhere/ana/set",
      states: ["granted", "granted", "prompt"],
    });
    assert.equal((await standing("/elsewhere/ana", "/far/set")).place, "/far/set");
  });

  it("userAnchor() leaves paths as they are where the user stands in the project, or nobody says where", async () => {
    for (const user of [ROOT, ""]) assert.equal((await standing(user, "runs/a")).place, "runs/a");
  });

  it("writeOnly() gives up nothing that all permissions give", async () => {
    assert.deepEqual((await standing("", "set", ["-A"])).states, ["granted", "granted", "granted"]);
  });
});
