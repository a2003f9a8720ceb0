import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { decodeImage, type ImageFile } from "../../lib/image/image_file.ts";
import { fold, keyFromSeed, uniforms } from "../../lib/core/key.ts";
import { failureOf, valueOf } from "../concept/expect_failure.ts";

interface Expected {
  readonly width: number;
  readonly height: number;
  readonly mean: readonly number[];
  readonly pixels: readonly (readonly [number, number, number, number, number])[];
}

const folder = new URL("../fixtures/", import.meta.url);
const read = (path: string): Uint8Array => Deno.readFileSync(new URL(path, folder));
const hostile = (name: string) => decodeImage(read(`hostile/${name}`), name);
const pixel = ({ image }: ImageFile, x: number, y: number): number[] => {
  const at = (y * image.width + x) * 3;
  return [...image.data.subarray(at, at + 3)];
};
const meanOf = ({ image }: ImageFile): number[] =>
  [0, 1, 2].map((channel) =>
    image.data.reduce((total, value, index) => total + (index % 3 === channel ? value : 0), 0) /
    (image.data.length / 3)
  );
const assertNear = (found: readonly number[], expected: readonly number[], tolerance: number): void =>
  found.forEach((value, index) =>
    assert.ok(Math.abs(value - (expected[index] ?? NaN)) <= tolerance, `${found} is not near ${expected}`)
  );

/** How far a single pixel may be from Pillow's: 0 for lossless formats; chroma upsampling differs in subsampled JPEG. */
const tolerances: Readonly<Record<string, number>> = {
  "baseline_444.jpg": 2,
  "plain_rgb.jpg": 1,
  "grey_restart.jpg": 1,
  "progressive_420.jpg": 24,
  "restart_422.jpg": 24,
  "lossy.webp": 1,
  "alpha_lossy.webp": 1,
  "orientation6.webp": 1,
};

describe("decodeImage() agrees with Pillow", () => {
  const { files } = JSON.parse(new TextDecoder().decode(read("images/expected.json"))) as {
    files: Record<string, Expected>;
  };
  for (const [name, expected] of Object.entries(files)) {
    it(`on ${name}`, () => {
      const decoded = valueOf(decodeImage(read(`images/${name}`), name));
      const tolerance = tolerances[name] ?? 0;
      assert.deepEqual([decoded.image.width, decoded.image.height], [expected.width, expected.height]);
      assert.deepEqual(decoded.warnings, []);
      assertNear(meanOf(decoded), expected.mean, tolerance === 0 ? 1e-3 : 1);
      for (const [x, y, ...colour] of expected.pixels) assertNear(pixel(decoded, x, y), colour, tolerance);
    });
  }
});

describe("decodeImage() of hostile files", () => {
  for (
    const [name, message] of [
      ["truncated.jpg", /^truncated\.jpg: JPEG data ends early; /],
      ["text_named.jpg", /^text_named\.jpg: not an image \(content is text\); /],
      ["zero_bytes.png", /^zero_bytes\.png: file is empty; /],
      [
        "huge_header.png",
        /^huge_header\.png: declares 60000 x 60000 pixels = 3600 megapixels, the limit is 64; /,
      ],
    ] as const
  ) {
    it(`refuses ${name} in one line`, () => {
      const line = failureOf(hostile(name));
      assert.match(line, message);
      assert.ok(!line.includes("\n"));
    });
  }

  it("scales sixteen_bit.png to 8 bits", () => {
    const decoded = valueOf(hostile("sixteen_bit.png"));
    assert.deepEqual(pixel(decoded, 0, 0), [0, 0, 64]);
    assert.deepEqual(pixel(decoded, 47, 47), [255, 255, 64]);
    const row = Array.from({ length: 48 }, (_, x) => pixel(decoded, x, 0)[0] ?? 0);
    assert.deepEqual(row, [...row].sort((a, b) => a - b));
  });

  it("takes the first frame of animated_gif.png and says so", () => {
    const decoded = valueOf(hostile("animated_gif.png"));
    assertNear(meanOf(decoded), [220, 30, 30], 0);
    assert.deepEqual(decoded.warnings, [
      "animated_gif.png: content is GIF, not PNG",
      "animated_gif.png: GIF with 3 frames, only the first is used",
    ]);
  });

  it("converts cmyk.jpg to the right colours", () => {
    const decoded = valueOf(hostile("cmyk.jpg"));
    assertNear(meanOf(decoded), [122.3, 123.66, 116.37], 1);
    assert.equal(decoded.image.data.length, 96 * 96 * 3);
  });

  it("turns exif_orientation6.jpg upright", () => {
    const decoded = valueOf(hostile("exif_orientation6.jpg"));
    assert.deepEqual([decoded.image.width, decoded.image.height], [48, 64]);
    assertNear(pixel(decoded, 2, 2), [220, 30, 30], 4);
    assertNear(pixel(decoded, 45, 2), [30, 180, 29], 4);
    assertNear(pixel(decoded, 2, 61), [31, 30, 220], 4);
    assertNear(pixel(decoded, 45, 61), [230, 219, 39], 4);
  });
});

describe("decodeImage() of a file that ends early", () => {
  const whole = [
    "baseline_444.jpg",
    "progressive_420.jpg",
    "grey_restart.jpg",
    "orientation6.png",
    "interlaced.png",
    "palette_trans.png",
    "rgba16.png",
    "photo.gif",
    "noise.gif",
    "lossy.webp",
    "lossless.webp",
    "alpha.webp",
  ];
  for (const name of whole) {
    it(`refuses ${name} wherever it is cut`, () => {
      const bytes = read(`images/${name}`);
      const step = Math.max(1, Math.floor(bytes.length / 60));
      for (let length = 0; length < bytes.length - 2; length += step) {
        assert.match(failureOf(decodeImage(bytes.subarray(0, length), name)), /^[a-z0-9_]+\.[a-z]+: .+; .+/);
      }
    });
  }

  it("refuses a JPEG whose middle is missing though its end marker is there", () => {
    const bytes = read("images/baseline_444.jpg");
    const cut = Uint8Array.from([
      ...bytes.subarray(0, bytes.length - 700),
      ...bytes.subarray(bytes.length - 2),
    ]);
    assert.match(failureOf(decodeImage(cut, "cut.jpg")), /^cut\.jpg: JPEG data is damaged/);
  });
});

describe("decodeImage() of what it cannot read", () => {
  it("names the format and a remedy", () => {
    const text = (value: string): Uint8Array => new TextEncoder().encode(value);
    const heic = Uint8Array.from([0, 0, 0, 24, ...text("ftypheic"), ...new Uint8Array(16)]);
    assert.match(failureOf(decodeImage(heic, "a.jpg")), /content is HEIC\); save it as PNG, JPEG or WebP/);
    const pointer = text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
    assert.match(failureOf(decodeImage(pointer, "0.png")), /Git LFS pointer.*git lfs pull/);
    assert.match(failureOf(decodeImage(Uint8Array.of(0, 1, 2, 3), "a.png")), /content is unknown data/);
    assert.match(
      failureOf(decodeImage(read("images/animated.webp"), "a.webp")),
      /animated WebP is not supported/,
    );
  });
});

describe("decodeImage() of damaged bytes", () => {
  it("answers with a picture or one line, never with an exception", () => {
    const names = [
      "progressive_420.jpg",
      "restart_422.jpg",
      "interlaced.png",
      "trans.gif",
      "noise.gif",
      "alpha.webp",
    ];
    for (const name of names) {
      const bytes = read(`images/${name}`);
      for (let trial = 0; trial < 25; trial++) {
        const damaged = bytes.slice();
        const draws = uniforms(fold(keyFromSeed(trial), name), 6);
        for (let change = 0; change < 6; change += 2) {
          damaged[Math.floor((draws[change] ?? 0) * bytes.length)] = Math.floor(
            (draws[change + 1] ?? 0) * 256,
          );
        }
        const outcome = decodeImage(damaged, name);
        if (outcome._tag === "Left") assert.match(failureOf(outcome), /^[a-z0-9_.]+: .+; .+$/);
        else {
          const { width, height, data } = outcome.right.image;
          assert.equal(data.length, width * height * 3);
        }
      }
    }
  });
});
