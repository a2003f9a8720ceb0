import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { solidImage } from "../../lib/image/image.ts";
import { keyFromSeed } from "../../lib/core/key.ts";
import { encodePng } from "../../lib/image/png.ts";
import { endpointAssistant, type EndpointConfig, type Introduction } from "../../lib/evaluation/endpoint.ts";
import { EVALUATION, evaluationRules, type EvaluationSettings } from "../../lib/evaluation/settings.ts";
import { decodeConfig } from "../../lib/config/load.ts";
import { type FakeWorld, fakeWorld, type SeenRequest } from "../metrics/judge/fakes.ts";
import { right } from "../run/outcome.ts";
import { succeed } from "./world_fixture.ts";

/** What was said in turn, as it went over the wire: the path, the parts of the request, the reply. */
type Conversation = readonly (readonly [string, readonly string[], object])[];

const BO = { id: "bo", token: "<bo>", className: "dog", info: "<bo> is a brown dog." };
const CONFIG: EndpointConfig = {
  ...{ baseUrl: "http://server/v1", model: "m", apiKey: null, retries: 0, timeoutMs: 1000 },
  ...{ maxTokens: 100, size: "384x384", concurrency: 1, requestsPerMinute: null },
};
const key = keyFromSeed(1);
const photos = [solidImage(2, 2, [1, 1, 1]), solidImage(2, 2, [2, 2, 2])];
const target = solidImage(2, 2, [9, 9, 9]);
const QUESTION = "Can you see <bo> in this photo?";
const PROMPT = "A photo of <bo> at night.";
const NAMES = new Map([...photos, target].map((image, index) => [
  encodePng(image).toBase64(),
  ["photo 1", "photo 2", "asked"][index] as string,
]));

const said = (content: string) => ({ choices: [{ message: { role: "assistant", content } }] });
const DRAWN = { data: [{ b64_json: encodePng(solidImage(3, 3)).toBase64() }] };

/** The parts of a request in their order; pictures by their names. */
async function partsOf({ body, form }: SeenRequest): Promise<readonly string[]> {
  if (form !== null) {
    const files = [...form.values()].filter((value) => value instanceof File);
    const names = await Promise.all(
      files.map(async (file) => NAMES.get(new Uint8Array(await file.arrayBuffer()).toBase64()) ?? "?"),
    );
    return [String(form.get("prompt")), ...names];
  }
  const { messages, prompt } = JSON.parse(body);
  if (prompt !== undefined) return [prompt];
  const { content } = messages[0];
  if (typeof content === "string") return [content];
  return content.map((part: { readonly text?: string; readonly image_url?: { readonly url: string } }) =>
    part.text ?? NAMES.get(part.image_url?.url.split(",")[1] ?? "") ?? "?"
  );
}

function recorded(conversation: Conversation): FakeWorld {
  return fakeWorld((_, number) => ({
    ...{ _tag: "Answer", status: 200, retryAfterMs: null },
    body: JSON.stringify(conversation[number]?.[2]),
  }));
}

/** Asks a question and draws a prompt twice, and compares all that was sent with the record. */
async function replay(introduction: Introduction, conversation: Conversation): Promise<void> {
  const world = recorded(conversation);
  const { answer, draw } = endpointAssistant(CONFIG, BO, introduction);
  const [answered] = await succeed(answer([{ question: QUESTION, image: target, key }]), world.capabilities);
  assert.equal(answered, "Yes.");
  const [picture] = await succeed(draw([{ prompt: PROMPT, key }]), world.capabilities);
  await succeed(draw([{ prompt: PROMPT, key }]), world.capabilities);
  assert.equal(picture?.width, 3);
  const sent = await Promise.all(
    world.requests.map(async (request) => [new URL(request.url).pathname.slice(4), await partsOf(request)]),
  );
  assert.deepEqual(sent, conversation.map(([path, parts]) => [path, parts]));
}

describe("a recorded conversation", () => {
  it("with BAGEL or Janus-Pro and a text prompt", async () => {
    const told = "name: bo\ninfo: <bo> is a brown dog.\n";
    await replay({ by: "text" }, [
      ["chat/completions", ["asked", told + QUESTION], said("Yes.")],
      ["images/generations", [told + PROMPT], DRAWN],
      ["images/generations", [told + PROMPT], DRAWN],
    ]);
  });

  it("with BAGEL and an image prompt: the words, the first photo, the photo, the question", async () => {
    const led = `a photo of bo\n${PROMPT}`;
    await replay({ by: "images", photos, pictures: "edits", style: "bagel" }, [
      ["chat/completions", ["a photo of bo", "photo 1", "asked", QUESTION], said("Yes.")],
      ["images/edits", [led, "photo 1"], DRAWN],
      ["images/edits", [led, "photo 1"], DRAWN],
    ]);
  });

  it("with Janus-Pro and an image prompt: drawn from its own description, asked for once", async () => {
    const described = `a photo of bo\n${PROMPT}\nReference appearance details: A brown dog.`;
    const asked = "Describe the shared subject in these reference images in one concise sentence. Focus on " +
      "appearance, clothing, accessories, colors, and distinctive attributes. Output only the description.";
    await replay({ by: "images", photos, pictures: "caption", style: "janus" }, [
      ["chat/completions", ["photo 1", "photo 2", "asked", `a photo of bo\n${QUESTION}`], said("Yes.")],
      ["chat/completions", ["photo 1", "photo 2", asked], said(" A brown dog. ")],
      ["images/generations", [described], DRAWN],
      ["images/generations", [described], DRAWN],
    ]);
  });
});

describe("endpoint.style", () => {
  it("goes with the way in which that system draws", () => {
    const problems = (endpoint: object) =>
      evaluationRules(right(decodeConfig(EVALUATION, { endpoint })) as EvaluationSettings)
        .map(({ path, remedy }) => `${path} ${remedy}`);
    assert.deepEqual(problems({ style: "bagel", prompt: "images", pictures: "edits" }), []);
    assert.deepEqual(problems({ style: "janus", prompt: "images", pictures: "edits" }), [
      "endpoint.style needs endpoint.prompt=images and endpoint.pictures=caption",
    ]);
    assert.deepEqual(problems({ style: "bagel" }), [
      "endpoint.style needs endpoint.prompt=images and endpoint.pictures=edits",
    ]);
  });
});
