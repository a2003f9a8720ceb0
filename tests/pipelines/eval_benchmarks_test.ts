/** Other data sets in their official layouts, through the command, from a server in another process. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { dirname, join } from "node:path";
import { solidImage } from "../../lib/image/image.ts";
import { encodePng } from "../../lib/image/png.ts";
import { type Outcome, runTask, scratchFolder } from "../support/command.ts";
import { type ModelServer, type ServedRequest, startModelServer } from "../support/model_server.ts";

const { relative: folder, absolute } = scratchFolder();
const profile = join(folder, "profile.yaml");
const PNG = encodePng(solidImage(16, 16, [20, 90, 200]));

const write = async (path: string, content: string | Uint8Array): Promise<void> => {
  await Deno.mkdir(join(absolute, dirname(path)), { recursive: true });
  await (typeof content === "string"
    ? Deno.writeTextFile(join(absolute, path), content)
    : Deno.writeFile(join(absolute, path), content));
};

/** A concept of MC-LLaVA with two test photos, one question about a photo and letter questions. */
async function writeMcllava(root: string, id: string): Promise<void> {
  const place = `${root}/two_concept/concept`;
  for (
    const photo of [`train/${id}/0.png`, `train/${id}/0_mask.png`, `test/${id}/0.png`, `test/${id}/1.png`]
  ) {
    await write(`${place}/${photo}`, PNG);
  }
  const question = { Human: `What colour is <${id}>?`, AI: "Blue." };
  await write(`${place}/test/${id}/vqa.json`, JSON.stringify({ "1.png": question }));
  const letter = { Human: `Where is <${id}>? A. On a ledge. B. Yes.`, AI: "B" };
  await write(`${place}/test/${id}/choice.json`, JSON.stringify({ "0.png": letter }));
  const text = [{ question: `Is <${id}> blue? A. No. B. Yes.`, answer: "B" }];
  await write(`${place}/test/${id}/qa.json`, JSON.stringify(text));
}

const CLASSES = "Classes\nsubject_name,class\ndog6,dog\nmy_vase,glass vase\n\nPrompts\nprompt_list = [\n";

let server: ModelServer;
let requests: readonly ServedRequest[] = [];
const outcomes: Record<string, Outcome> = {};

const evaluation = (concept: string, ...args: string[]): Promise<Outcome> =>
  runTask(
    "eval",
    ...["--profile", profile, "--set", "device=cpu", "--endpoint", server.address, "--model", "m"],
    ...["--concept", join(folder, concept), "--out", join(folder, "out", concept), ...args],
  );

const scoresOf = async (concept: string) =>
  JSON.parse(await Deno.readTextFile(join(absolute, "out", concept, "eval", "step-000000.json"))).scores;

before(async () => {
  await write("profile.yaml", "image_size: 16\nunified: none\nimage_tokenizer: none\n");
  await writeMcllava("mcllava", "bo");
  await writeMcllava("mcllava", "red_cup");
  await write("mcllava/two_concept/multi/bo_red_cup/0.png", PNG);
  await write("mcllava/concept_type.json", JSON.stringify({ bo: "two_concept", red_cup: "two_concept" }));
  await write("dreambench/dataset/prompts_and_classes.txt", CLASSES);
  for (const photo of ["dog6/00.jpg", "dog6/01.jpg", "my_vase/00.jpg"]) {
    await write(`dreambench/dataset/${photo}`, PNG);
  }
  server = await startModelServer();
  outcomes["mcllava"] = await evaluation("mcllava");
  outcomes["dreambench"] = await evaluation(
    "dreambench",
    ...["--images-per-prompt", "1", "--set", "endpoint.prompt=images", "--set", "endpoint.pictures=edits"],
    ...["--set", "endpoint.references=2", "--set", "endpoint.size=64x64"],
  );
  for (const [style, pictures] of [["bagel", "edits"], ["janus", "caption"]]) {
    outcomes[style as string] = await evaluation(
      "dreambench",
      ...["--images-per-prompt", "1", "--tasks", "plain_gen", "--out", join(folder, "out", style as string)],
      ...["--set", "endpoint.prompt=images", "--set", `endpoint.pictures=${pictures}`],
      ...["--set", `endpoint.style=${style}`],
    );
  }
  requests = await server.stop();
});

after(() => Deno.remove(absolute, { recursive: true }));

describe("deno task eval --concept <MC-LLaVA>", () => {
  it("asks a server in the official layout, beside the published rows", async () => {
    const { code, out, error } = outcomes["mcllava"] ?? assert.fail();
    assert.equal(code, 0, error);
    assert.match(out, /^mcllava: bo, red_cup$/m);
    const { rec_weight, vqa_bleu, choice_accuracy, text_choice_accuracy } = await scoresOf("mcllava");
    assert.deepEqual([rec_weight.value, rec_weight.items], [0.5, 8], "a model that always says yes");
    assert.deepEqual([vqa_bleu.items, choice_accuracy.items, text_choice_accuracy.items], [2, 2, 2]);
    const question = requests.find(({ asked }) => JSON.stringify(asked).includes("What colour is <bo>?"));
    assert.equal(question?.path, "/v1/chat/completions");
    assert.equal(question?.asked.messages[0].content[0].type, "image_url");
  });
});

describe("deno task eval --concept <DreamBench>", () => {
  it("sends the photos as a form to /images/edits and scores what comes back", async () => {
    const { code, error } = outcomes["dreambench"] ?? assert.fail();
    assert.equal(code, 0, error);
    const forms = requests.filter(({ path, asked }) =>
      path === "/v1/images/edits" && !asked.prompt.startsWith("a photo of dog6\n") &&
      !asked.prompt.startsWith("a photo of my_vase\n")
    );
    assert.equal(forms.length, 52, "25 prompts and the plain one, of 2 subjects");
    const [dog] = forms.filter(({ asked }) => asked.files.length === 2);
    assert.deepEqual(dog?.asked.files, ["image/png", "image/png"]);
    assert.match(dog?.asked.prompt, /the reference dog/);
    assert.equal(dog?.asked.size, "64x64");
    const vase = forms.filter(({ asked }) => asked.files.length === 1);
    assert.deepEqual([vase.length, vase[0]?.asked.fields.includes("image")], [26, true]);
    const look = JSON.parse(
      await Deno.readTextFile(join(absolute, "out", "dreambench", "eval", "step-000000.json")),
    ).images.scores;
    assert.deepEqual(
      [look.edge_density.items, look.edge_density.value],
      [52, 0],
      "a flat picture is seen as flat",
    );
  });
});

describe("deno task eval --set endpoint.style", () => {
  it("asks BAGEL and Janus-Pro in their words", () => {
    assert.deepEqual([outcomes["bagel"]?.code, outcomes["janus"]?.code], [0, 0], outcomes["janus"]?.error);
    const prompts = requests.map(({ path, asked }) => `${path} ${asked.prompt}`);
    assert.ok(prompts.includes("/v1/images/edits a photo of dog6\nA photo of <dog6>."));
    const drawn = "a photo of dog6\nA photo of <dog6>.\nReference appearance details: Yes.";
    assert.ok(prompts.includes(`/v1/images/generations ${drawn}`));
  });
});

describe("a mistake in such a folder", () => {
  it("is one line that names file and field", async () => {
    const test = "mcllava-wrong/two_concept/concept/test/bo";
    const wrong: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
      [
        `${test}/vqa.json`,
        '{"9.png":{"Human":"?","AI":"!"}}',
        /test\/bo\/vqa\.json: \["9\.png"\]: no image file/,
      ],
      [`${test}/choice.json`, '{"0.png":{"Human":"?"}}', /choice\.json: \["0\.png"\]: is no question with/],
      [`${test}/qa.json`, '[{"question":"?"}]', /qa\.json: \[0\]/],
      [
        "mcllava-wrong/concept_type.json",
        '{"ghost":"two_concept"}',
        /concept_type\.json: ghost: there is no/,
      ],
      [
        "dreambench-wrong/dataset/prompts_and_classes.txt",
        "Classes\ndog6\n",
        /classes\.txt: line 2: expected/,
      ],
      [
        "dreambench-wrong/dataset/prompts_and_classes.txt",
        "Classes\ncat,cat\n",
        /dog6: subject without a class/,
      ],
    ];
    await Promise.all([
      writeMcllava("mcllava-wrong", "bo"),
      write("dreambench-wrong/dataset/dog6/00.jpg", PNG),
    ]);
    for (const [path, content, message] of wrong) {
      const before = await Deno.readTextFile(join(absolute, path)).catch(() => null);
      await write(path, content);
      const { code, error } = await runTask(
        "eval",
        ...["--profile", profile, "--concept", join(folder, path.split("/")[0] ?? "")],
        ...["--items", join(folder, "items.jsonl")],
      );
      assert.equal(code, 3, error);
      assert.match(error, message);
      assert.equal(error.trim().split("\n").length, 1, error);
      await (before === null ? Deno.remove(join(absolute, path)) : write(path, before));
    }
  });

  it("in a photo is found when the photo is needed", async () => {
    await write("broken/dataset/dog6/00.jpg", "no picture");
    await write("broken/dataset/prompts_and_classes.txt", "Classes\ndog6,dog\n");
    const { code, error } = await runTask(
      "eval",
      ...["--profile", profile, "--set", "device=cpu", "--endpoint", "http://127.0.0.1:9/v1", "--model", "m"],
      ...["--set", "endpoint.prompt=images", "--concept", join(folder, "broken"), "--out", join(folder, "o")],
    );
    assert.equal(code, 3, error);
    assert.match(error, /broken\/dataset\/dog6\/00\.jpg: /);
  });
});
