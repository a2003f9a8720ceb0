import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as E from "fp-ts/lib/Either.js";
import type { Blip2Expert } from "../../lib/experts/blip2/blip2_expert.ts";
import type { Dinov2Expert } from "../../lib/experts/dinov2/dinov2_expert.ts";
import type { ErnieExpert } from "../../lib/experts/ernie/ernie_expert.ts";
import type { FaceExpert } from "../../lib/experts/face/face_expert.ts";
import {
  answeredAll,
  type FaceEncoder,
  type ImageEncoder,
  type ImageTextScorer,
  type TextEncoder,
} from "../../lib/rewards/features.ts";

type Fits<A, B> = A extends B ? true : false;

describe("features", () => {
  it("are offered by the networks of lib/experts as they are", () => {
    const fits: readonly [
      Fits<ErnieExpert, TextEncoder>,
      Fits<Blip2Expert, ImageTextScorer>,
      Fits<Dinov2Expert, ImageEncoder>,
      Fits<FaceExpert, FaceEncoder>,
    ] = [true, true, true, true];
    assert.ok(fits.every(Boolean));
  });
});

describe("answeredAll()", () => {
  it("passes complete answers on and names who asked otherwise", () => {
    assert.deepEqual(answeredAll("der", 2)([1, 2]), E.right([1, 2]));
    assert.deepEqual(
      answeredAll("der", 3)([1, 2]),
      E.left({ _tag: "RewardFailed", expert: "der", problem: "the network gave 2 answers for 3 inputs" }),
    );
  });
});
