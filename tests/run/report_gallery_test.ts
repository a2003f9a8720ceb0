import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { solidImage } from "../../lib/image/image.ts";
import { encodePng } from "../../lib/image/png.ts";
import { htmlGallery, readDrawn, readGallery } from "../../lib/run/report_gallery.ts";
import { memoryFiles } from "./memory_files.ts";
import { right } from "./outcome.ts";

const line = (changes: object): string =>
  JSON.stringify({
    ...{
      task: "rea_gen",
      item: "prompt_000",
      prompt: "a photo of <c> .",
      promptUsed: "x",
      reasoning: "a <hat>",
    },
    ...{ image: "elsewhere/runs/x/eval/step-000002/images/c/p0.png", scores: { rea_gen_judge: 0.5 } },
    ...changes,
  });

async function evaluated(): Promise<ReturnType<typeof memoryFiles>> {
  const files = memoryFiles();
  const png = encodePng(solidImage(2, 2, [1, 2, 3]));
  for (const [step, judge] of [["step-000000", 0], ["step-000002", 1]] as const) {
    const lines = [
      line({ scores: { rea_gen_judge: judge, rea_gen_clip_t: null } }),
      line({ sample: 1, image: "images/c/p1.png" }),
      line({ item: "prompt_001", image: "images/c/missing.png" }),
      line({ task: "vqa", image: null }),
      "{damaged",
    ];
    right(await files.makeFolder(`runs/x/eval/${step}/images/c`)());
    right(await files.writeAtomic(`runs/x/eval/${step}/scores.jsonl`, lines.join("\n"))());
    right(await files.writeAtomic(`runs/x/eval/${step}/images/c/p0.png`, png)());
  }
  return files;
}

describe("readGallery()", () => {
  it("reads the first picture of each item, before and after, wherever the run lies now", async () => {
    const files = await evaluated();
    const drawn = right(await readGallery("runs/x/eval", [0, 1, 2])({ files })());
    assert.deepEqual(drawn.map(({ step, item, scores }) => [step, item, scores["rea_gen_judge"]]), [
      [0, "prompt_000", 0],
      [2, "prompt_000", 1],
    ]);
    assert.ok((drawn[0]?.png.length ?? 0) > 30);
    assert.deepEqual(right(await readGallery("runs/x/eval", [])({ files })()), []);
    assert.deepEqual(right(await readDrawn("runs/none", 0)({ files })()), []);
  });
});

describe("htmlGallery()", () => {
  it("shows prompt, reasoning and scores beside the pictures", async () => {
    const files = await evaluated();
    const html = htmlGallery(right(await readGallery("runs/x/eval", [0, 2])({ files })()));
    assert.equal(html.match(/<img/g)?.length, 2);
    assert.ok(html.includes("Prompts that need a fact"));
    assert.ok(html.includes("a photo of &lt;c&gt; ."));
    assert.ok(html.includes("<b>step 2 reasoned:</b> a &lt;hat&gt;"));
    assert.ok(html.includes("judge <b>0 → 1</b>"));
    assert.ok(html.includes("CLIP-T <b>– → –</b>"));
    assert.equal(htmlGallery([]), "");
  });
});
