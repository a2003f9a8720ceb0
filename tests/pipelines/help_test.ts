import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const names = [...Deno.readDirSync(join(root, "pipelines"))].map(({ name }) => name).filter((name) =>
  name.endsWith(".ts")
);
const helpOf = (name: string): Promise<Deno.CommandOutput> =>
  new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", "-P=files", join("pipelines", name), "--help"],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();

describe("pipelines", () => {
  for (const name of names) {
    it(`${name} --help explains itself, needs no more than reading, and is quick`, async () => {
      const started = performance.now();
      const { code, stdout, stderr } = await helpOf(name);
      const text = new TextDecoder().decode(stdout);
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      assert.match(text, /^[\w-]+: .+\n\nusage: deno task /);
      assert(performance.now() - started < 5000, "the heavy modules belong behind a dynamic import");
    });
  }
});
