import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { estimateTable } from "../../bench/estimate.ts";
import { parseShowoConfig } from "../../lib/showo/config.ts";

const file = { llm_vocab_size: 50295, codebook_size: 8192, num_vq_tokens: 1024, vocab_size: 58498 };

describe("estimateTable()", () => {
  it("is the table in docs/performance.md", async () => {
    const parsed = parseShowoConfig(file, "published");
    assert.ok(parsed._tag === "Right");
    const doc = await Deno.readTextFile("docs/performance.md");
    assert.ok(doc.includes(estimateTable(parsed.right)));
  });
});
