import assert from "node:assert/strict";
import { before, describe, it } from "@std/testing/bdd";
import { type TestStudio, testStudio } from "./studio_fixture.ts";

const RUN = "mochi-20260301-123005-0a1b2c3d";

describe("starting runs", () => {
  let studio: TestStudio;
  const post = (path: string, form: Readonly<Record<string, string>> = {}) =>
    studio.ask(path, { method: "POST", body: new URLSearchParams(form) });
  const page = async (): Promise<string> => await (await studio.ask("/start")).text();
  before(async () => {
    studio = await testStudio("mochi");
    const files = ["configs/nano.yaml", "configs/pretrain-nano.yaml", "configs/ablations/no-tia.yaml"];
    for (const path of ["configs", "configs/ablations", ...files]) {
      studio.files.entries.set(
        path,
        path.endsWith(".yaml") ? new TextEncoder().encode("name: nano\n") : null,
      );
    }
  });

  it("the form says of every setting what --help says of it", async () => {
    const form = await page();
    assert.match(form, /<label for="rl\.num_generations">/);
    assert.match(form, /Trajectories per group \(G\)\. An integer of at least 2\./);
    assert.match(form, /<option>configs\/ablations\/no-tia\.yaml<\/option>/);
    assert.ok(!form.includes("pretrain-nano"));
  });

  it("what the command would refuse is refused with all its problems, and what was typed stays", async () => {
    const answer = await post("/start", {
      preset: "configs/nano.yaml",
      "rl.epsilon": "many",
      "dsog.eta": "7",
    });
    const text = await answer.text();
    assert.equal(answer.status, 422);
    assert.match(text, /`rl\.epsilon`/);
    assert.match(text, /`dsog\.eta`/);
    assert.match(text, /value="many"/);
    assert.equal((await post("/start", { preset: "../secret.yaml" })).status, 422);
    assert.deepEqual(studio.started, []);
  });

  it("one command runs, the next waits, and two tabs start the same run once", async () => {
    const form = { preset: "configs/nano.yaml", name: "my dog", "rl.max_steps": "4", seed: "" };
    const words = ["train", "configs/nano.yaml", "--set", "name=my dog", "--set", "rl.max_steps=4"];
    const tabs = await Promise.all([post("/start", form), post("/start", form)]);
    assert.deepEqual(tabs.map(({ status }) => status).sort(), [303, 409]);
    assert.equal((await post(`/runs/${RUN}/continue`, { steps: "80" })).status, 303);
    assert.deepEqual(studio.started, [words]);
    assert.match(await page(), /deno task train configs\/nano\.yaml --set &#39;name=my dog&#39;/);
    assert.match(await page(), /step 1\/4/);
    studio.ends[0]?.(0);
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual(studio.started[1], ["train", "--resume", `runs/${RUN}`, "--set", "rl.max_steps=80"]);
    assert.match(await page(), /Finished/);
  });

  it("stop is Ctrl-C's clean stop, and a failure is shown", async () => {
    assert.equal((await post("/queue/2/stop")).status, 303);
    assert.match(await page(), /Stopping after this step|Stopped/);
    await post(`/runs/${RUN}/continue`);
    studio.ends[2]?.(3);
    await new Promise((resolve) => setTimeout(resolve));
    assert.match(await page(), /Failed/);
    assert.equal((await post(`/runs/${RUN}/continue`, { steps: "1; rm" })).status, 409);
    assert.equal((await post("/runs/..%2Fsecret/continue")).status, 404);
  });
});
