import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { libraryFiles } from "../../../lib/tensor/tensorflow/library.ts";
import {
  installedIn,
  librariesIn,
  locateLibraries,
  namedFolder,
  readRecord,
  RECORD_NAME,
} from "../../../lib/tensor/tensorflow/locate.ts";

const files = libraryFiles(Deno.build.os);
const inFolder = async (body: (folder: string) => void | Promise<void>) => {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
};
const fill = async (folder: string, content = "12345") => {
  await Deno.mkdir(folder, { recursive: true });
  for (const file of files ?? []) await Deno.writeTextFile(`${folder}/${file}`, content);
};
const record = (cache: string, folder: string, size: number) => {
  const sizes = Object.fromEntries((files ?? []).map((file) => [file, size]));
  return Deno.writeTextFile(
    `${cache}/${RECORD_NAME}`,
    JSON.stringify({ package: "p", version: "1", folder, sizes }),
  );
};

describe("librariesIn()", { skip: files === null }, () => {
  it("finds both files in the folder or in its subfolder tensorflow", () =>
    inFolder(async (folder) => {
      assert.equal(librariesIn(folder), null);
      await fill(`${folder}/tensorflow`);
      assert.equal(librariesIn(folder), `${folder}/tensorflow`);
      assert.equal(librariesIn(`${folder}/tensorflow`), `${folder}/tensorflow`);
      await Deno.remove(`${folder}/tensorflow/${files?.[1]}`);
      assert.equal(librariesIn(folder), null);
    }));
});

describe("installedIn()", { skip: files === null }, () => {
  it("takes what is complete, relative or absolute", () =>
    inFolder(async (cache) => {
      await fill(`${cache}/p-1/tensorflow`);
      assert.equal(installedIn(cache), null);
      await record(cache, "p-1/tensorflow", 5);
      assert.equal(installedIn(cache), `${cache}/p-1/tensorflow`);
      assert.equal(readRecord(cache)?.version, "1");
      await record(cache, `${cache}/p-1/tensorflow`, 5);
      assert.equal(installedIn(cache), `${cache}/p-1/tensorflow`);
    }));

  it("refuses a wrong size, a missing file, a broken record", () =>
    inFolder(async (cache) => {
      await fill(`${cache}/tensorflow`);
      await record(cache, "tensorflow", 6);
      assert.equal(installedIn(cache), null);
      await record(cache, "elsewhere", 5);
      assert.equal(installedIn(cache), null);
      for (const text of ["{", "{}", "null"]) {
        await Deno.writeTextFile(`${cache}/${RECORD_NAME}`, text);
        assert.equal(installedIn(cache), null);
      }
    }));
});

describe("locateLibraries()", { skip: files === null }, () => {
  it("takes the option before everything else and says what is wrong with it", () =>
    inFolder(async (folder) => {
      assert.match(await locateLibraries(folder) as string, /option is .*no TensorFlow libraries/);
      await fill(folder);
      assert.deepEqual(await locateLibraries(folder), { folder, origin: "the library folder option" });
    }));

  it("treats an empty name as none", () => {
    assert.equal(namedFolder(""), undefined);
    assert.equal(namedFolder("/a"), "/a");
  });
});
