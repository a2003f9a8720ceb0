import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import {
  compileCacheEnvironment,
  targetName,
  trimFolder,
} from "../../../lib/tensor/tensorflow/compile_cache.ts";
import { locateLibraries } from "../../../lib/tensor/tensorflow/locate.ts";

const location = await locateLibraries();
const isLinux = Deno.build.os === "linux";

/** Runs code in a folder that goes away afterwards. */
async function withFolder(body: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const namesIn = (folder: string): string[] => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

describe("targetName()", () => {
  it("differs where the processor, the library or the variables do", () => {
    const cases = [["a", "b"], ["a", "c"], ["b", "b"], ["a", "b", "--flag"]];
    const names = cases.map(([processor = "", library = "", settings = ""]) =>
      targetName({ processor, library, settings })
    );
    assert.equal(new Set(names).size, 4);
    names.forEach((name) => assert.match(name, /^[0-9a-f]{16}$/));
  });
});

describe("trimFolder()", () => {
  it("removes the oldest files first, and none that fit", () =>
    withFolder((folder) => {
      ["a", "b", "c"].forEach((name, index) => {
        Deno.writeTextFileSync(`${folder}/${name}`, "x".repeat(10));
        Deno.utimeSync(`${folder}/${name}`, 1000 + index, 1000 + index);
      });
      trimFolder(folder, 30);
      assert.deepEqual(namesIn(folder), ["a", "b", "c"]);
      trimFolder(folder, 15);
      assert.deepEqual(namesIn(folder), ["c"]);
    }));
});

describe("compileCacheEnvironment()", () => {
  it("names nothing where the libraries or the folder are missing", () =>
    withFolder((folder) => {
      assert.deepEqual(compileCacheEnvironment("/nowhere/at/all", folder), {});
      assert.deepEqual(compileCacheEnvironment(folder, null), {});
    }));

  it(
    "makes a folder for this processor and library",
    { skip: !isLinux || typeof location === "string" },
    () =>
      withFolder((folder) => {
        const { folder: libraries } = location as Exclude<typeof location, string>;
        const { TF_XLA_FLAGS: flag } = compileCacheEnvironment(libraries, folder);
        const [name] = namesIn(folder);
        assert.equal(flag, `--tf_xla_persistent_cache_directory=${folder}/${name}`);
      }),
  );

  it(
    "makes another one for other flags of XLA",
    { skip: !isLinux || typeof location === "string" },
    () =>
      withFolder((folder) => {
        const { folder: libraries } = location as Exclude<typeof location, string>;
        const before = Deno.env.get("XLA_FLAGS");
        for (const level of [0, 1]) {
          Deno.env.set("XLA_FLAGS", `--xla_backend_optimization_level=${level}`);
          compileCacheEnvironment(libraries, folder);
        }
        if (before === undefined) Deno.env.delete("XLA_FLAGS");
        else Deno.env.set("XLA_FLAGS", before);
        assert.equal(namesIn(folder).length, 2);
      }),
  );
});
