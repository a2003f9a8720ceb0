import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { solidImage } from "../../lib/image/image.ts";
import { encodePng } from "../../lib/image/png.ts";
import { pictureBody, questionBody, readPicture } from "../../lib/evaluation/endpoint_format.ts";

describe("questionBody()", () => {
  it("puts pictures in order in front of the text", () => {
    const images = [solidImage(1, 1), solidImage(1, 1, [9, 9, 9])];
    const { messages } = JSON.parse(questionBody("q", { images, model: "m", maxTokens: 5 }));
    const urls = images.map((image) => `data:image/png;base64,${encodePng(image).toBase64()}`);
    assert.deepEqual(messages[0].content, [
      ...urls.map((url) => ({ type: "image_url", image_url: { url } })),
      { type: "text", text: "q" },
    ]);
  });
});

describe("pictureBody()", () => {
  it("asks for one picture in the reply itself", () => {
    assert.deepEqual(JSON.parse(pictureBody("p", { model: "m", size: "8x8", seed: 4 })), {
      ...{ model: "m", size: "8x8", seed: 4, prompt: "p", n: 1 },
      response_format: "b64_json",
    });
  });
});

describe("readPicture()", () => {
  it("says what is wrong with a reply", () => {
    const problems = [
      ["{", "is no JSON"],
      ["{}", "holds no data[].b64_json"],
      ['{"data":[]}', "holds no picture"],
      ['{"data":[{"b64_json":"*"}]}', "is no base64"],
    ];
    for (const [body = "", expected] of problems) {
      const found = readPicture(body);
      assert.equal(found._tag === "Left" && found.left, expected);
    }
    const broken = readPicture(JSON.stringify({ data: [{ b64_json: new Uint8Array([1, 2]).toBase64() }] }));
    assert.match(broken._tag === "Left" ? broken.left : "", /^picture: /);
  });
});
