import { fileURLToPath } from "node:url";
import { type Check, parityTable, passed } from "../../../../lab/parity/check.ts";
import {
  readShowoFixture,
  readShowoPolicy,
  type ShowoFixture,
} from "../../../../lab/parity/showo/showo_fixture.ts";
import type { ShowoModelFixture } from "../../../../lab/parity/showo/transformer_cases.ts";
import { liveBlobs } from "../../../../lib/run/blobs.ts";
import { liveFiles } from "../../../../lib/run/live.ts";
import { showoModel } from "../../../../lib/showo/model.ts";
import { tf } from "../../../../lib/tensor/tf.ts";
import assert from "node:assert/strict";
import { right } from "../../../run/outcome.ts";

/** The folder of the reference cases. */
export const folder = fileURLToPath(new URL("../../../fixtures/showo", import.meta.url));
/** The disk. */
export const disk = { files: liveFiles(), blobs: liveBlobs };

/** Reads the cases. */
export async function readCases(): Promise<ShowoFixture> {
  return right(await readShowoFixture(folder)(disk)());
}

/** Reads the cases and the transformer, which runs op by op. */
export async function readModel(): Promise<ShowoModelFixture> {
  const fixture = await readCases();
  const policy = right(await readShowoPolicy(folder, fixture.config)(disk)());
  return { ...fixture, policy, model: showoModel(fixture.config, { compile: "none" }) };
}

/**
 * Asserts that comparisons are within tolerance, of the expected number, and leave no tensor behind.
 *
 * @param checks Makes them.
 * @param count How many.
 */
export function assertChecks(checks: () => readonly Check[], count: number): void {
  const before = tf.memory().numTensors;
  const found = checks();
  assert.equal(tf.memory().numTensors, before);
  const failed = found.filter((check) => !passed(check));
  assert.deepEqual(failed, [], parityTable(failed).join("\n"));
  assert.equal(found.length, count);
}
