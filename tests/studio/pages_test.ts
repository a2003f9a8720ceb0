import assert from "node:assert/strict";
import { before, describe, it } from "@std/testing/bdd";
import { decodePng } from "../../lib/image/decode_png.ts";
import { right } from "../run/outcome.ts";
import { type TestStudio, testStudio } from "./studio_fixture.ts";

const [MOCHI, BO] = ["mochi-20260301-123005-0a1b2c3d", "bo-20260301-123005-0a1b2c3d"];

describe("pages of the studio", () => {
  let studio: TestStudio;
  const text = async (path: string): Promise<string> => {
    const answer = await studio.ask(path);
    assert.equal(answer.status, 200, path);
    return await answer.text();
  };
  before(async () => {
    studio = await testStudio("mochi", "bo");
  });

  it("a newcomer is told what to do first", async () => {
    const page = await (await (await testStudio()).ask("/")).text();
    assert.match(page, /Teach a model something of yours/);
    assert.match(page, /deno task train/);
  });

  it("the list shows name, state, curve and scores, and finds by a part of the name", async () => {
    const page = await text("/");
    assert.match(page, /aria-label="Reward: from 0\.200 to 0\.600"/);
    assert.match(page, /Running/);
    assert.match(page, /rec_weight/);
    const found = await text("/?search=MOC");
    assert.ok(found.includes(MOCHI) && !found.includes(BO));
    assert.match(await text("/?search=zebra"), /No run matches/);
  });

  it("a run shows its numbers, what the model drew, and text from files as text", async () => {
    const page = await text(`/runs/${MOCHI}`);
    assert.match(page, /KL to the start/);
    assert.match(page, /Newest group, update 3/);
    assert.ok(page.includes("&lt;script&gt;") && !page.includes("<script>"));
    assert.match(page, /data-steps="1,2,3"/);
    assert.match(page, /--resume runs\/mochi|Running/);
    assert.ok((await text(`/runs/${MOCHI}/live`)).includes("data-chart"));
  });

  it("pictures are PNG files, cut out of the grids", async () => {
    const widths: number[] = [];
    for (const path of ["picture", "samples/3", "samples/3/0"]) {
      const answer = await studio.ask(`/runs/${MOCHI}/${path}`);
      assert.equal(answer.headers.get("content-type"), "image/png", path);
      const decoded = right(decodePng(new Uint8Array(await answer.arrayBuffer()), path));
      widths.push(decoded.image.width);
    }
    assert.deepEqual(widths, [8, 140, 128], "what was drawn, the grid with its margin, its picture");
    assert.equal((await studio.ask(`/runs/${MOCHI}/samples/3/7`)).status, 409);
    assert.equal((await studio.ask(`/runs/${MOCHI}/samples/9`)).status, 404);
  });

  it("two runs stand side by side with what differs; another number is told what to do", async () => {
    const page = await text(`/compare?run=${MOCHI}&run=${BO}`);
    assert.match(page, /<th scope="row">name<\/th>\s*<td>mochi<\/td>\s*<td>bo<\/td>/);
    assert.ok(page.includes(`deno task runs compare ${MOCHI} ${BO}`));
    assert.match(await text(`/compare?run=${MOCHI}`), /Choose two runs/);
    assert.equal((await studio.ask("/compare?run=zebra&run=bo")).status, 404);
  });

  it("a deleted run goes to the trash whole and comes back whole", async () => {
    const names = (): readonly string[] => [...studio.files.entries.keys()].sort();
    const paths = names();
    const deleted = await studio.ask(`/runs/${BO}/trash`, { method: "POST" });
    assert.deepEqual([deleted.status, deleted.headers.get("location")], [303, `/?trashed=${BO}`]);
    const list = await text(`/?trashed=${BO}`);
    assert.match(list, /Undo/);
    assert.match(list, /Trash \(1\)/);
    assert.ok(!list.includes(`/runs/${BO}`));
    assert.ok((await text("/trash")).includes(BO));
    assert.equal((await studio.ask(`/trash/${BO}/restore`, { method: "POST" })).status, 303);
    assert.deepEqual(names().filter((path) => path !== "runs/.trash"), paths);
    assert.equal((await studio.ask(`/trash/${BO}/restore`, { method: "POST" })).status, 404);
  });

  it("the first event tells the page to look again", async () => {
    const answer = await studio.ask(`/runs/${MOCHI}/events`);
    assert.match(answer.headers.get("content-type") ?? "", /^text\/event-stream/);
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    assert.match(new TextDecoder().decode((await reader.read()).value), /^event: change\n/);
    await reader.cancel();
  });
});
