import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { ROOT } from "../support/command.ts";

async function printed(fixture: string, args: readonly string[], flags: readonly string[], user = "") {
  const script = fileURLToPath(new URL(fixture, import.meta.url));
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", "--node-modules-dir=none", ...flags, script, ...args],
    cwd: ROOT,
    env: { INIT_CWD: user, NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.notEqual(text, "", new TextDecoder().decode(stderr));
  return JSON.parse(text);
}

const standing = (user: string, named: string, flags = ["-P=concept"]) =>
  printed("user_place_fixture.ts", [named], flags, user);
const reaching = (hosts: readonly string[], flags = ["-P=train"]) =>
  printed("reach_fixture.ts", hosts, flags);

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

  it("reachOnly() leaves the servers that are named, and no other", async () => {
    assert.deepEqual(await reaching([]), { closed: [], open: [] });
    assert.deepEqual(await reaching(["127.0.0.1:8900"]), { closed: [], open: ["127.0.0.1:8900"] });
    assert.deepEqual(await reaching(["10.0.0.7:80", "localhost:8900", "[::1]:8900"]), {
      closed: [],
      open: ["10.0.0.7:80", "localhost:8900", "[::1]:8900"],
    });
  });

  it("reachOnly() names a server that it may not reach, and gives up nothing that all permissions give", async () => {
    assert.deepEqual(await reaching(["gpu.lab:443"]), { closed: ["gpu.lab:443"], open: [] });
    assert.equal((await reaching(["gpu.lab:443"], ["-A"])).open.length, 6);
  });
});
