import { fileURLToPath } from "node:url";
import type { HasFiles } from "../../../../lib/core/capability.ts";
import type { Stage } from "../../../../lib/core/stage.ts";
import { type Check, parityTable, passed } from "../../../../lab/parity/check.ts";
import { liveBlobs } from "../../../../lib/run/blobs.ts";
import { liveFiles } from "../../../../lib/run/live.ts";
import { setCompiler } from "../../../../lib/tensor/jit.ts";
import { tf } from "../../../../lib/tensor/tf.ts";
import type { HasBlobs } from "../../../../lib/tensor/weight_source.ts";
import assert from "node:assert/strict";
import { right } from "../../../run/outcome.ts";
import { useTestBackend } from "../../../support/backend.ts";

/** Opens the test backend without its compiler: each shape is used once or twice only. */
export async function useEagerBackend(): Promise<string> {
  const name = await useTestBackend();
  setCompiler(null);
  return name;
}

/** Where the reference cases lie. */
export function expertsFixture(part: string): string {
  return fileURLToPath(new URL(`../../../fixtures/experts/${part}`, import.meta.url));
}

/**
 * Asserts that all comparisons are within tolerance, that there are as many as expected, and that no tensor is left.
 *
 * @param stage Makes the comparisons.
 * @param atLeast How many there must be.
 */
export async function assertParity(
  stage: Stage<HasFiles & HasBlobs, readonly Check[]>,
  atLeast: number,
): Promise<void> {
  const before = tf.memory().numTensors;
  const checks = right(await stage({ files: liveFiles(), blobs: liveBlobs })());
  const failed = checks.filter((check) => !passed(check));
  assert.deepEqual(failed, [], parityTable(failed).join("\n"));
  assert.ok(checks.length >= atLeast, `${checks.length} comparisons`);
  assert.equal(tf.memory().numTensors, before);
}
