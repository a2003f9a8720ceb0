import { decodeConfig } from "../../../../lib/config/load.ts";
import { keyFromSeed } from "../../../../lib/core/key.ts";
import { PRETRAINING, type Pretraining } from "../../../../lab/pretrain/config.ts";
import type { FolderFiles } from "../../../../lab/pretrain/export_experts.ts";
import type { Training } from "../../../../lab/pretrain/trainer.ts";
import { tf } from "../../../../lib/tensor/tf.ts";
import { disposeTree, mapTree, type Tree } from "../../../../lib/tensor/tree.ts";
import { valueAndGrad } from "../../../../lib/tensor/grad.ts";
import type { Loss } from "../../../../lib/tensor/grad.ts";
import { liveBlobs } from "../../../../lib/run/blobs.ts";
import { liveFiles } from "../../../../lib/run/live.ts";
import type { Stage } from "../../../../lib/core/stage.ts";
import { assertGradientsEverywhere, rightOf } from "../../../experts/shared/fixture_model.ts";
import assert from "node:assert/strict";

/** A key for tests. */
export const KEY = keyFromSeed(12);

const tower = { width: 8, heads: 2, layers: 1, projection: 6, batch_size: 4 };

/** Settings of models that are trained in no time. */
export function tinyConfig(): Pretraining {
  const { projection: _, ...plain } = tower;
  return rightOf(decodeConfig(PRETRAINING, {
    blip2: { ...tower, queries: 2, qformer_layers: 1 },
    clip: { ...tower, text_layers: 1 },
    dinov2: plain,
    ernie: { width: 8, heads: 2, layers: 1, batch_size: 8 },
    facenet: { batch_size: 4, side: 80, multiplier: 1 / 32, embedding: 4 },
    mtcnn: { batch_size: 16 },
  }));
}

/** A context whose folder is never written. */
export const tinyContext = () => ({ config: tinyConfig(), folder: "/nowhere" });

/**
 * Asserts that a training draws the same batch twice, that its loss is finite and falls along the gradient, and that
 * every weight of the model has one.
 */
export function assertTrains(
  training: Training,
  loss: (parameters: Tree, batch: Tree) => Loss<{ readonly [name: string]: tf.Tensor }>,
  options: { readonly everyWeight?: boolean } = {},
): void {
  const batch = training.batch(3);
  const again = training.batch(3);
  const state = training.initial();
  const pairs = [batch, again].map((tree) => {
    const sums: number[] = [];
    disposeTree(mapTree(tree, (leaf) => {
      sums.push([...leaf.dataSync() as Float32Array].reduce((a, b) => a + b, 0));
      return tf.scalar(0);
    }));
    return sums;
  });
  assert.deepEqual(pairs[0], pairs[1]);
  const measure = valueAndGrad((parameters: Tree) => loss(parameters, batch));
  const { loss: before, aux, grads } = measure(state.parameters);
  const norm = Math.sqrt(
    tf.tidy(() => tf.addN(leavesOf(grads).map((leaf) => tf.sum(tf.square(leaf)))).dataSync()[0] as number),
  );
  const slopes = leavesOf(grads);
  const moved = mapTree(
    state.parameters,
    (leaf, index) => tf.tidy(() => tf.sub(leaf, tf.mul(slopes[index] as tf.Tensor, 1e-2 / norm))),
  );
  const after = tf.tidy(() => loss(moved, batch).loss.dataSync()[0] as number);
  assert.ok(Number.isFinite(after) && after < (before.dataSync()[0] as number), `${after}`);
  const { model } = state.parameters as { model?: Tree };
  if (options.everyWeight !== false && model !== undefined) {
    assertGradientsEverywhere(
      model,
      (weights) =>
        loss({ ...(state.parameters as Record<string, Tree>), model: weights } as Tree, batch).loss,
    );
  }
  disposeTree([batch, again, state, moved, grads, before, aux] as unknown as Tree);
}

const leavesOf = (tree: Tree): tf.Tensor[] => {
  const leaves: tf.Tensor[] = [];
  mapTree(tree, (leaf) => {
    leaves.push(leaf);
    return leaf;
  });
  return leaves;
};

/** Writes files to a temporary folder, reads them through a loader, and removes them. */
export async function loadedFrom<A>(
  content: FolderFiles,
  load: (folder: string) => Stage<never, A>,
): Promise<A> {
  const folder = Deno.makeTempDirSync();
  try {
    for (const [name, bytes] of content) Deno.writeFileSync(`${folder}/${name}`, bytes);
    const world = { files: liveFiles(), blobs: liveBlobs } as never;
    return rightOf(await load(folder)(world)());
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** The final parameters of a training that never began. */
export const parametersOf = (training: Training): Tree => training.initial().parameters;
