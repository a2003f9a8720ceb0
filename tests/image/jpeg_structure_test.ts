import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readJpegStructure } from "../../lib/image/jpeg_structure.ts";
import { failureOf, valueOf } from "../concept/expect_failure.ts";

const read = (name: string): Uint8Array => Deno.readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const structure = (name: string) => valueOf(readJpegStructure(read(name), name));

describe("readJpegStructure()", () => {
  it("reads frame type, components, Adobe transform and EXIF", () => {
    const baseline = structure("images/baseline_444.jpg");
    assert.deepEqual([baseline.width, baseline.height, baseline.precision], [64, 48, 8]);
    assert.deepEqual([baseline.frameType, baseline.componentIds, baseline.jfif], [0xc0, [1, 2, 3], true]);
    assert.equal(structure("images/progressive_420.jpg").frameType, 0xc2);
    assert.equal(structure("images/grey_restart.jpg").componentIds.length, 1);
    const rgb = structure("images/plain_rgb.jpg");
    assert.deepEqual([rgb.adobeTransform, rgb.componentIds], [0, [82, 71, 66]]);
    assert.equal(structure("hostile/cmyk.jpg").componentIds.length, 4);
    assert.notEqual(structure("hostile/exif_orientation6.jpg").exif, null);
    assert.equal(baseline.exif, null);
  });

  it("ignores what follows the end marker", () => {
    const bytes = read("images/baseline_444.jpg");
    const longer = Uint8Array.from([...bytes, 1, 2, 3, 255, 216]);
    assert.equal(valueOf(readJpegStructure(longer, "a.jpg")).width, 64);
  });

  it("refuses data that ends before the end marker, has no frame or no marker where one must be", () => {
    const bytes = read("images/baseline_444.jpg");
    assert.match(
      failureOf(readJpegStructure(bytes.subarray(0, bytes.length - 2), "a")),
      /JPEG data ends early/,
    );
    assert.match(
      failureOf(readJpegStructure(Uint8Array.of(255, 216, 255, 217), "a")),
      /without a frame header/,
    );
    assert.match(failureOf(readJpegStructure(Uint8Array.of(255, 216, 0, 1, 2), "a")), /JPEG data is damaged/);
  });
});
