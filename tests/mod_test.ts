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
      'const all = await import("./mod.ts"); console.log(Object.keys(all).length > 40, "imported");',
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
    const { groupAdvantages, k3, PAPER_THRESHOLD } = await import("../lib/rl/mod.ts");
    const { totalReward } = await import("../lib/rewards/mod.ts");
    const { characterBleu } = await import("../lib/metrics/mod.ts");
    const { maskRatio } = await import("../lib/showo/mod.ts");
    const advantages = groupAdvantages([1, 0], { numGenerations: 2 });
    assert.deepEqual(advantages._tag === "Right" && [...advantages.right], [0.5, -0.5]);
    assert.ok(Math.abs(totalReward([1, NaN], [0.4, 0.6]) - 1) < 1e-12);
    assert.equal(k3(-1, -1), 0);
    assert.equal(maskRatio("cosine", 0), 1);
    assert.equal(PAPER_THRESHOLD.targetPassRate, 0.25);
    assert.ok(characterBleu("a red hat", "a red hat") > 0.99);
  });
});

/** What a module imports when it runs: the project's own modules and packages, by their names in the source. */
async function loadedBy(door: string): Promise<readonly string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", door], cwd: root })
    .output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    readonly modules: readonly {
      readonly specifier: string;
      readonly dependencies?: readonly { readonly specifier: string; readonly code?: unknown }[];
    }[];
  };
  return modules.flatMap(({ specifier, dependencies = [] }) => [
    specifier,
    ...dependencies.filter(({ code }) => code !== undefined).map((each) => each.specifier),
  ]);
}

describe("doors", () => {
  const { exports } = JSON.parse(Deno.readTextFileSync(`${root}/deno.json`)) as {
    readonly exports: Readonly<Record<string, string>>;
  };

  it("every room with a door is in deno.json's exports, and every export exists", async () => {
    const rooms = [...Deno.readDirSync(`${root}/lib`)].map(({ name }) => name);
    const { existsSync } = await import("node:fs");
    const doors = rooms.filter((room) => existsSync(`${root}/lib/${room}/mod.ts`));
    const named = Object.entries(exports).filter(([name]) => name !== ".");
    assert.deepEqual(named.map(([name]) => name).sort(), doors.map((room) => `./${room}`).sort());
    for (const [name, path] of named) assert.equal(path, `./lib/${name.slice(2)}/mod.ts`);
  });

  it("the mathematics loads no TensorFlow and few modules", async () => {
    for (const [room, most] of [["rl", 15], ["rewards", 25], ["metrics", 25]] as const) {
      const loaded = await loadedBy(exports[`./${room}`] ?? "");
      assert.deepEqual(loaded.filter((name) => name.includes("tensorflow")), [], room);
      assert.ok(new Set(loaded.filter((name) => name.startsWith("file:"))).size <= most, room);
    }
  });

  it("the root has the names one meets first, all of which stand behind a door, too", async () => {
    const inRoot = Object.keys(await import("../mod.ts"));
    assert.ok(inRoot.length <= 60, `${inRoot.length} names`);
    const behind = await Promise.all(
      Object.entries(exports).filter(([name]) => name !== ".").map(([, path]) =>
        import(`${root}${path.slice(2)}`)
      ),
    );
    const known = new Set(behind.flatMap((door) => Object.keys(door as object)));
    assert.deepEqual(inRoot.filter((name) => !known.has(name)), []);
  });
});
