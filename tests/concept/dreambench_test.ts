import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { loadDreambench, readClasses } from "../../lib/concept/dreambench.ts";
import { memoryFiles, testWorld } from "../support/files.ts";
import { failureOf, valueOf } from "./expect_failure.ts";

const classes = `Subjects of the data set

Classes
subject_name,class
dog6,dog
my_vase,glass vase

Prompts

Object Prompts
prompt_list = [
	'a {0} {1} in the jungle'.format(unique_token, class_token),
`;

describe("loadDreambench()", () => {
  it("reads a repository with its own class list", async () => {
    const files = memoryFiles({
      "db/dataset/prompts_and_classes.txt": classes,
      "db/dataset/dog6/01.jpg": "x",
      "db/dataset/dog6/00.jpg": "x",
      "db/dataset/my_vase/00.jpg": "x",
    });
    const [dog, vase, ...more] = valueOf(await loadDreambench("db")(testWorld(files))());
    assert.deepEqual(more, []);
    assert.deepEqual(dog?.images, ["db/dataset/dog6/00.jpg", "db/dataset/dog6/01.jpg"]);
    assert.deepEqual([dog?.generationType, dog?.prompts[10]], ["live_subject", "a <dog6> wearing a red hat"]);
    assert.deepEqual([vase?.className, vase?.generationType], ["glass vase", "object"]);
    assert.equal(vase?.classPrompts[24], "a cube shaped glass vase");
  });

  it("knows the published classes, and takes the dataset folder itself", async () => {
    const files = memoryFiles({ "d/rc_car/00.jpg": "x", "d/cat2/00.jpg": "x", "d/notes.txt": "x" });
    const subjects = valueOf(await loadDreambench("d")(testWorld(files))());
    assert.deepEqual(subjects.map(({ id, className }) => [id, className]), [["cat2", "cat"], [
      "rc_car",
      "toy",
    ]]);
  });

  it("refuses unknown subjects, empty folders and empty roots, naming them", async () => {
    const load = async (content: Record<string, string>) =>
      failureOf(await loadDreambench("d")(testWorld(memoryFiles(content)))());
    assert.match(
      await load({ "d/rex/00.jpg": "x" }),
      /^d\/rex: subject without a class; add a line to prompts/,
    );
    assert.match(await load({ "d/cat/readme.md": "x" }), /^d\/cat: has no photo; /);
    assert.match(await load({}), /^d: has no DreamBench subject; /);
  });
});

describe("readClasses()", () => {
  it("names the line that is none", () => {
    assert.match(
      failureOf(readClasses("Classes\ndog\n", "p.txt")),
      /^p\.txt: line 2: expected `subject_name,class`; /,
    );
    assert.match(failureOf(readClasses("dog,dog\n", "p.txt")), /^p\.txt: has no list of classes/);
  });
});
