import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { splitSegments } from "../../lib/concept/segments.ts";

const root = new URL("../../assets/photos/", import.meta.url);
const read = (path: string) => JSON.parse(Deno.readTextFileSync(new URL(path, root)));

/** Dense prompts of the published example concepts, with their clause counts. */
const published = [
  [
    "<w_n>",
    "man",
    3,
    "A photo of a lively street in Hanoi, <w_n> is walking past food stalls. Red lanterns hang overhead and scooters are parked along the road.",
  ],
  [
    "<w_n>",
    "man",
    2,
    "A photo of <w_n> sitting on a wooden boat in a river. Green hills rise in the distance and water ripples around the boat.",
  ],
  [
    "<w_n>",
    "man",
    3,
    "A photo of a bright café interior, <w_n> is leaning on a counter. Hanging plants and chalkboard menus decorate the wall.",
  ],
  [
    "<w_n>",
    "man",
    4,
    "A photo of <w_n> working, dressing in a white lab coat, holding a test tube in his hand. He appears to be looking anxious.",
  ],
  [
    "<m>",
    "dog",
    3,
    "A photo of a quiet suburban street, <m> is standing on the sidewalk. A row of houses and parked bicycles can be seen in the background.",
  ],
  [
    "<m>",
    "dog",
    3,
    "A photo of <m> doing what she loves at the beach, with a sandcastle nearby. The background shows the ocean and a clear sky.",
  ],
  [
    "<g_p>",
    "container",
    3,
    "A photo of <g_p> during holidays, with festive decorations around it, and warm lighting.",
  ],
] as const;

describe("splitSegments()", () => {
  it("cuts the published prompts into the expected number of clauses", () => {
    for (const [token, className, count, prompt] of published) {
      assert.equal(splitSegments(prompt, { token, className }).length, count, prompt);
    }
  });

  it("gives the stored clauses of every bundled concept", () => {
    for (const id of read("concepts_list.json") as string[]) {
      const { class: className } = read(`concept/train/${id}/info.json`);
      const conditions = read(`concept/test/${id}/t2i_conditions.json`);
      const split = (prompts: string[]) =>
        prompts.map((prompt) => splitSegments(prompt, { token: `<${id}>`, className }));
      assert.deepEqual(split(conditions.dense_prompt_generation), conditions.dense_segments);
      assert.deepEqual(
        split(conditions.explicit_personalized_dense_prompt_generation),
        conditions.explicit_personalized_dense_segments,
      );
    }
  });

  it("keeps hyphens and quotes, drops empty clauses", () => {
    const found = splitSegments(`<m>, in a "blue" T-shirt... !`, { token: "<m>", className: "dog" });
    assert.deepEqual(found, ["the dog", `in a "blue" T-shirt`]);
  });
});
