import assert from "node:assert/strict";
import { before, describe, it } from "@std/testing/bdd";
import { HOST, type TestStudio, testStudio } from "./studio_fixture.ts";

const RUN = "mochi-20260301-123005-0a1b2c3d";
const origin = `http://${HOST}`;

describe("who may use the studio", () => {
  let studio: TestStudio;
  before(async () => {
    studio = await testStudio("mochi");
  });
  const status = async (headers: Readonly<Record<string, string>>, path: string, method = "GET") =>
    (await studio.askAs(headers, path, { method })).status;

  it("the link works once, sets a cookie that scripts cannot read, and hides its token", async () => {
    assert.equal(studio.cookie, "studio_8000=the-cookie");
    assert.equal(await status({}, "/?token=the-token"), 401);
    const again = await studio.askAs({ cookie: studio.cookie }, "/?token=the-token");
    assert.deepEqual([again.status, again.headers.get("location")], [303, "/"]);
    const fresh = await testStudio();
    const wrong = await fresh.askAs({}, "/?token=guess");
    assert.deepEqual([wrong.status, wrong.headers.get("set-cookie")], [401, null]);
  });

  it("without the cookie nothing is shown, not even a picture or a script", async () => {
    for (const path of ["/", `/runs/${RUN}`, `/runs/${RUN}/picture`, "/assets/studio.js", "/nowhere"]) {
      assert.equal(await status({}, path), 401, path);
      assert.equal(await status({ cookie: "studio_8000=guess" }, path), 401, path);
    }
  });

  it("a page of another site, port or name changes nothing, even with the cookie", async () => {
    const { cookie, files } = studio;
    const origins = ["https://example.com", "http://127.0.0.1:9999", "null", `https://${HOST}`];
    for (const origin of origins) {
      assert.equal(await status({ cookie, origin }, `/runs/${RUN}/trash`, "POST"), 403, origin);
    }
    assert.equal(await status({ cookie }, `/runs/${RUN}/trash`, "POST"), 403, "no origin");
    assert.equal(await status({ cookie, origin, host: "evil.example" }, "/"), 421, "a name that points here");
    assert.ok(files.entries.has(`runs/${RUN}/manifest.json`));
  });

  it("names never become paths", async () => {
    studio.files.entries.set("secret/manifest.json", new TextEncoder().encode("{}"));
    for (const name of ["..%2Fsecret", "..", "%2e%2e%2fsecret", "%2Fetc", ".trash", "__proto__", "%00"]) {
      const { status } = await studio.ask(`/runs/${name}/picture`);
      assert.equal(status, 404, name);
    }
    for (const step of ["..%2F3", "-1", "1e3", "x"]) {
      assert.equal((await studio.ask(`/runs/${RUN}/samples/${step}`)).status, 404, step);
    }
    assert.equal((await studio.ask("/trash/..%2Fsecret/restore", { method: "POST" })).status, 404);
    assert.equal((await studio.ask("/assets/..%2Fapp.ts")).status, 404);
  });

  it("a 5 GB upload is refused before it is read, and one of unknown length while it is", async () => {
    let pulled = 0;
    const endless = () =>
      new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled += 65_536;
          if (pulled < 5e9) controller.enqueue(new Uint8Array(65_536));
          else controller.close();
        },
      }, { highWaterMark: 0 });
    const announced = await studio.ask(`/runs/${RUN}/trash`, {
      method: "POST",
      body: endless(),
      headers: { "content-length": "5000000000" },
    });
    assert.deepEqual([announced.status, pulled], [413, 0]);
    const unknown = await studio.ask(`/runs/${RUN}/trash`, {
      method: "POST",
      body: endless(),
      headers: { "transfer-encoding": "chunked" },
    });
    assert.equal(unknown.status, 413);
    assert.ok(pulled < 2_000_000, `${pulled} bytes were read`);
    assert.ok(studio.files.entries.has(`runs/${RUN}/manifest.json`));
  });

  it("every answer forbids inline scripts, other origins and frames, refusals and reports as well", async () => {
    studio.files.entries.set(`runs/${RUN}/report.html`, new TextEncoder().encode("<script>1</script>"));
    for (const answer of [await studio.ask("/"), await studio.askAs({}, "/"), await studio.ask("/nowhere")]) {
      const policy = answer.headers.get("content-security-policy") ?? "";
      assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
      assert.equal(answer.headers.get("cross-origin-resource-policy"), "same-origin");
    }
    const report = await studio.ask(`/runs/${RUN}/report`);
    assert.match(report.headers.get("content-security-policy") ?? "", /^sandbox; default-src 'none'/);
  });
});
