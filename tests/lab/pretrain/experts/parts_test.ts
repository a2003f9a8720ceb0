import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import { describe as say } from "../../../../lib/core/error.ts";
import { EXPERT_PARTS } from "../../../../lab/pretrain/experts/parts.ts";
import { liveFiles } from "../../../../lib/run/live.ts";
import { verifyManifest } from "../../../../lib/tensor/weight_manifest.ts";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const assets = fileURLToPath(new URL("../../../../assets/nano", import.meta.url));

/** What each expert must reach on held-out characters. */
const GATES: Readonly<Record<typeof EXPERT_PARTS[number], readonly string[]>> = {
  blip2: ["itc_ranked", "itm_ranked"],
  dinov2: ["ranked", "ranked_similar"],
  ernie: ["closest", "ranked"],
  clip: ["ranked"],
  mtcnn: ["recall", "precision"],
  facenet: ["ranked"],
};

describe("the bundled experts", () => {
  for (const part of EXPERT_PARTS) {
    it(`${part}: files are as the manifest says, and the measured quality is at least 0.9`, async () => {
      const manifest = await verifyManifest(`${assets}/${part}`)({ files: liveFiles() })();
      if (E.isLeft(manifest)) throw new Error(say(manifest.left));
      const quality = manifest.right["quality"] as Readonly<Record<string, number>>;
      for (const name of GATES[part]) assert.ok((quality[name] ?? 0) >= 0.9, `${name} is ${quality[name]}`);
    });
  }
});
