import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { decodeWebp } from "../../lib/image/decode_webp.ts";
import { failureOf, valueOf } from "../concept/expect_failure.ts";

const read = (name: string): Uint8Array =>
  Deno.readFileSync(new URL(`../fixtures/images/${name}`, import.meta.url));

describe("decodeWebp()", () => {
  it("decodes from a view into a larger buffer, and reads the orientation", () => {
    const bytes = read("orientation6.webp");
    const inside = new Uint8Array(bytes.length + 20);
    inside.set(bytes, 7);
    const decoded = valueOf(decodeWebp(inside.subarray(7, 7 + bytes.length), "a.webp"));
    assert.deepEqual([decoded.image.width, decoded.image.height, decoded.orientation], [64, 48, 6]);
  });

  it("refuses animations and damaged data", () => {
    assert.match(
      failureOf(decodeWebp(read("animated.webp"), "a.webp")),
      /animated WebP is not supported; save its first/,
    );
    const bytes = read("lossless.webp").fill(0, 21);
    assert.match(failureOf(decodeWebp(bytes, "a.webp")), /^a\.webp: WebP data is damaged or ends early; /);
  });
});
