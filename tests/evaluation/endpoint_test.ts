import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { solidImage } from "../../lib/image/image.ts";
import { decodeImage } from "../../lib/image/image_file.ts";
import { keyFromSeed } from "../../lib/core/key.ts";
import { encodePng } from "../../lib/image/png.ts";
import { endpointAssistant, type EndpointConfig } from "../../lib/evaluation/endpoint.ts";
import { networkFrom, type PostReply } from "../../lib/metrics/judge/network.ts";
import { completion, fakeWorld, refusal } from "../metrics/judge/fakes.ts";
import { failure, succeed, worldConcept } from "./world_fixture.ts";

const mip = await worldConcept("mip");
const config: EndpointConfig = {
  ...{ baseUrl: "http://server/v1/", model: "m", apiKey: "secret", retries: 2, timeoutMs: 1000 },
  ...{ maxTokens: 9, size: "64x64", concurrency: 2, requestsPerMinute: null },
};
const key = keyFromSeed(3);
const ask = { question: "where is <mip> ?", image: solidImage(2, 2), key };
const pictured = (body: unknown): PostReply => ({
  _tag: "Answer",
  status: 200,
  body: JSON.stringify(body),
  retryAfterMs: null,
});
const decodePhoto = (bytes: Uint8Array) => succeed(RTE.fromEither(decodeImage(bytes, "photo")), {});
const drawn = pictured({ data: [{ b64_json: encodePng(solidImage(3, 2, [1, 2, 3])).toBase64() }] });

// `deno task test` has no network; `deno task test:server` has.
const noNetwork = Deno.permissions.querySync({ name: "net" }).state !== "granted";

describe("endpointAssistant()", () => {
  it("asks with name, info and picture at temperature 0, and trims the answer", async () => {
    const world = fakeWorld(() => completion(" at the beach \n"));
    const answers = await succeed(
      endpointAssistant(config, mip).answer([ask, { ...ask, image: null }]),
      world.capabilities,
    );
    assert.deepEqual(answers, ["at the beach", "at the beach"]);
    const [first, second] = world.requests.map(({ body }) => JSON.parse(body));
    assert.equal(world.requests[0]?.url, "http://server/v1/chat/completions");
    assert.equal(world.requests[0]?.headers["authorization"], "Bearer secret");
    assert.deepEqual([first.model, first.temperature, first.max_tokens], ["m", 0, 9]);
    const [image, text] = first.messages[0].content;
    assert.match(image.image_url.url, /^data:image\/png;base64,/);
    assert.equal(text.text, `name: mip\ninfo: ${mip.info}\nwhere is <mip> ?`);
    assert.equal(second.messages[0].content, text.text);
  });

  it("shows photos of the concept in front of the question, and names it by its class", async () => {
    const world = fakeWorld(() => completion("x"));
    const photos = [solidImage(2, 2, [9, 9, 9])];
    await succeed(endpointAssistant(config, mip, { by: "images", photos }).answer([ask]), world.capabilities);
    const [reference, image, text] = JSON.parse(world.requests[0]?.body ?? "").messages[0].content;
    assert.notEqual(reference.image_url.url, image.image_url.url);
    assert.equal(text.text, "where is the reference man ?");
  });

  it("draws one picture a prompt", async () => {
    const world = fakeWorld(() => drawn);
    const assistant = endpointAssistant(config, mip);
    const [picture] = await succeed(
      assistant.draw([{ prompt: "a photo of <mip> .", key }]),
      world.capabilities,
    );
    assert.deepEqual([picture?.width, picture?.height, picture?.data[2]], [3, 2, 3]);
    const { url, body } = world.requests[0] ?? { url: "", body: "{}" };
    const { prompt, n, size, seed, response_format: format } = JSON.parse(body);
    assert.deepEqual([url, n, size, format], ["http://server/v1/images/generations", 1, "64x64", "b64_json"]);
    assert.ok(prompt.endsWith("a photo of <mip> .") && Number.isSafeInteger(seed));
  });

  it("draws after reference photos by a form, with the concept named by its class", async () => {
    const world = fakeWorld((_, number) => number === 0 ? refusal(503) : drawn);
    const photos = [solidImage(2, 2, [9, 9, 9]), solidImage(2, 2, [7, 7, 7])];
    const assistant = endpointAssistant(config, mip, { by: "images", photos, pictures: "edits" });
    const [picture] = await succeed(
      assistant.draw([{ prompt: "a photo of <mip> at night .", key }]),
      world.capabilities,
    );
    assert.equal(picture?.width, 3);
    const { url, headers, form } = world.requests[1] ?? { url: "", headers: {}, form: null };
    assert.equal(url, "http://server/v1/images/edits");
    assert.deepEqual(Object.keys(headers), ["authorization"], "the form brings its own content type");
    assert.equal(form?.get("prompt"), "a photo of the reference man at night .");
    assert.deepEqual(form?.getAll("image[]").map((file) => (file as File).type), ["image/png", "image/png"]);
  });

  it("is understood by a server that reads forms", { skip: noNetwork }, async () => {
    const photo = solidImage(2, 2, [9, 8, 7]);
    const seen: Record<string, unknown>[] = [];
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      async (request) => {
        const form = await request.formData();
        const file = form.get("image") as File;
        const { image } = await decodePhoto(new Uint8Array(await file.arrayBuffer()));
        seen.push({
          path: new URL(request.url).pathname,
          fields: ["model", "prompt", "n", "size", "response_format"].map((name) => form.get(name)),
          pixel: [...image.data.subarray(0, 3)],
        });
        return Response.json({ data: [{ b64_json: encodePng(solidImage(5, 4)).toBase64() }] });
      },
    );
    const own = { ...config, baseUrl: `http://127.0.0.1:${server.addr.port}/v1` };
    const assistant = endpointAssistant(own, mip, { by: "images", photos: [photo], pictures: "edits" });
    const [picture] = await succeed(assistant.draw([{ prompt: "<mip> .", key }]), {
      ...fakeWorld(() => drawn).capabilities,
      network: networkFrom(fetch),
    });
    assert.deepEqual([picture?.width, picture?.height], [5, 4]);
    assert.deepEqual(seen, [{
      path: "/v1/images/edits",
      fields: ["m", "the reference man .", "1", "64x64", "b64_json"],
      pixel: [9, 8, 7],
    }]);
  });

  it("draws from its own caption of the photos, asked for once", async () => {
    const world = fakeWorld(({ url }) =>
      url.endsWith("/generations") ? drawn : completion("a tall man in red .")
    );
    const photos = [solidImage(2, 2)];
    const assistant = endpointAssistant(config, mip, { by: "images", photos, pictures: "caption" });
    const draws = ["a photo of <mip> .", "<mip> at night ."].map((prompt) => ({ prompt, key }));
    await succeed(assistant.draw(draws), world.capabilities);
    await succeed(assistant.draw(draws.slice(1)), world.capabilities);
    const paths = world.requests.map(({ url }) => url.split("/").at(-1));
    assert.deepEqual(paths, ["completions", "generations", "generations", "generations"]);
    assert.equal(
      JSON.parse(world.requests[1]?.body ?? "").prompt,
      "name: mip\ninfo: a tall man in red .\na photo of <mip> .",
    );
  });

  it("tries a busy server and an unreadable reply again", async () => {
    const busy = fakeWorld((_, number) => number === 0 ? refusal(503) : completion("x"));
    assert.deepEqual(await succeed(endpointAssistant(config, mip).answer([ask]), busy.capabilities), ["x"]);
    assert.equal(busy.waits.length, 1);
    const odd = fakeWorld((_, number) => number === 0 ? pictured({ data: [] }) : drawn);
    await succeed(endpointAssistant(config, mip).draw([{ prompt: "p", key }]), odd.capabilities);
    assert.deepEqual([odd.requests.length, odd.waits.length], [2, 0]);
  });

  it("stops with the server's own words", async () => {
    const answer = (reply: PostReply) =>
      failure(endpointAssistant(config, mip).answer([ask]), fakeWorld(() => reply).capabilities);
    assert.match(
      await answer(refusal(401, "bad key")),
      /^endpoint m: status 401: bad key; check address, model and key/,
    );
    assert.match(await answer(refusal(400, "no such model")), /status 400: no such model/);
    assert.match(await answer({ _tag: "NoAnswer", problem: "refused" }), /no answer: refused/);
    assert.match(await answer(pictured({ choices: [] })), /the reply has no text/);
  });
});
