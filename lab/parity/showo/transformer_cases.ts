/**
 * The transformer against its reference: hidden states, logits, losses, gradients, concept rows.
 *
 * @module
 */
import { initialConceptRows } from "../../../lib/showo/concept_rows.ts";
import {
  LOSS_WEIGHTS,
  type LossWeights,
  type Task,
  type TaskBatch,
  trainingLoss,
} from "../../../lib/showo/losses.ts";
import { additive } from "../../../lib/showo/mask.ts";
import { type Policy, type ShowoModel, withConcept } from "../../../lib/showo/model.ts";
import { forward, hiddenStates, logits, type SequenceInput } from "../../../lib/showo/transformer.ts";
import { pathOf } from "../../../lib/showo/weights.ts";
import { valueAndGrad } from "../../../lib/tensor/grad.ts";
import { globalNorm } from "../../../lib/tensor/optimizer.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree, namedLeaves } from "../../../lib/tensor/tree.ts";
import { type Check, compare, compareExactly } from "../check.ts";
import { inScope } from "../procedure.ts";
import type { Arrays } from "../fixture.ts";
import type { ShowoCases } from "./showo_case_codecs.ts";
import type { ShowoFixture } from "./showo_fixture.ts";

const TOLERANCE = 1e-4;
const TASKS: readonly Task[] = ["t2i", "lm", "mmu"];

/** A fixture with its transformer. */
export interface ShowoModelFixture extends ShowoFixture {
  readonly policy: Policy;
  readonly model: ShowoModel;
}

type Forward = NonNullable<ShowoCases["forward"]>;

function rows(
  arrays: Arrays,
  { ids, labels, visible }: Forward,
  [from, to]: readonly [number, number],
): TaskBatch {
  const length = ids[0]?.length ?? 0;
  const seen = Uint8Array.from(arrays.numbers(visible)).subarray(from * length ** 2, to * length ** 2);
  return {
    ids: tf.tensor2d(ids.slice(from, to), undefined, "int32"),
    labels: tf.tensor2d(labels.slice(from, to), undefined, "int32"),
    mask: tf.tensor4d(additive(seen), [to - from, 1, length, length]),
  };
}

/**
 * Compares logits and hidden states of the mixed batch.
 *
 * @param fixture The fixture and its transformer.
 */
export function forwardChecks(fixture: ShowoModelFixture): readonly Check[] {
  const { cases: { forward: reference }, arrays, policy, model } = fixture;
  if (reference === undefined) return [];
  const run = model.whole(
    "parity forward",
    (p: Policy, x: SequenceInput): tf.Tensor => logits(p, forward(p, x, model), { columns: "all", model }),
  );
  return inScope(() => {
    const { ids, mask } = rows(arrays, reference, [0, reference.ids.length]);
    const chosen = tf.tensor1d(reference.hidden_rows, "int32");
    const { states } = hiddenStates(policy, { ids, mask }, model);
    const hidden = states.flatMap((state) => [...tf.gather(state, chosen).dataSync()]);
    const shared = { name: "showo forward", tolerance: TOLERANCE };
    const found = run(policy, { ids, mask }).dataSync();
    return [
      compare(found, arrays.numbers(reference.logits), { ...shared, quantity: "logits" }),
      compare(hidden, arrays.numbers(reference.hidden_states), { ...shared, quantity: "hidden_states" }),
    ];
  });
}

function batchOf(arrays: Arrays, reference: Forward): Readonly<Record<Task, TaskBatch>> {
  const { batch_size_t2i: t2i, batch_size_lm: lm, ids } = reference;
  return {
    t2i: rows(arrays, reference, [0, t2i]),
    lm: rows(arrays, reference, [t2i, t2i + lm]),
    mmu: rows(arrays, reference, [t2i + lm, ids.length]),
  };
}

/**
 * Compares the three losses, both totals, and the number of targets of each loss.
 *
 * @param fixture The fixture and its transformer.
 */
export function lossChecks(fixture: ShowoModelFixture): readonly Check[] {
  const { policy, model, config, arrays, cases: { forward: reference } } = fixture;
  if (reference === undefined) return [];
  const { losses, loss_terms } = reference;
  return inScope(() => {
    const batch = batchOf(arrays, reference);
    const shared = { name: "showo losses", tolerance: TOLERANCE };
    const totals = ([["showo", "base_total"], ["unictokens", "unictokens_total"]] as const).map(
      ([weights, total]) => {
        const { loss } = trainingLoss(policy, batch, { model, weights: LOSS_WEIGHTS[weights] });
        return compare(loss.dataSync(), [losses[total]], { ...shared, quantity: total });
      },
    );
    const { aux } = trainingLoss(policy, batch, { model, weights: LOSS_WEIGHTS.showo });
    const each = TASKS.map((task) =>
      compare((aux[task] as tf.Tensor).dataSync(), [losses[task]], { ...shared, quantity: task })
    );
    const from = { t2i: config.textBlock, lm: 1, mmu: 1 };
    const terms = TASKS.map((task) => {
      const labels = batch[task].labels.arraySync() as number[][];
      return labels.flatMap((row) => row.slice(from[task])).filter((label) => label >= 0).length;
    });
    const counts = compareExactly(terms, TASKS.map((task) => loss_terms[task]), {
      name: shared.name,
      quantity: "number of targets",
    });
    return [...each, ...totals, counts];
  });
}

function gradientsOf(fixture: ShowoModelFixture, reference: Forward, task: Task): readonly Check[] {
  const { policy, model, arrays } = fixture;
  return inScope(() => {
    const batch = batchOf(arrays, reference)[task];
    const weights: LossWeights = { t2i: 0, lm: 0, mmu: 0, [task]: 1 };
    const total = (p: Policy) => trainingLoss(p, { [task]: batch }, { model, weights });
    const { grads, loss, aux } = valueAndGrad(total)(policy);
    const byPath = new Map(namedLeaves(grads.base));
    const checks = Object.entries(reference.gradients[task]).map(([name, array]) => {
      const expected = arrays.numbers(array);
      const largest = Array.from(expected).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      const found = byPath.get(pathOf(name) ?? "")?.dataSync() ?? [];
      const tolerance = Math.max(TOLERANCE, 1e-5 * largest);
      return compare(found, expected, { name: `showo gradient ${task}`, quantity: name, tolerance });
    });
    disposeTree([grads, loss, aux]);
    return checks;
  });
}

/**
 * Compares gradients of each loss, and the norm over all gradients of the total.
 *
 * @param fixture The fixture and its transformer.
 */
export function gradientChecks(fixture: ShowoModelFixture): readonly Check[] {
  const { policy, model, arrays, cases: { forward: reference } } = fixture;
  if (reference === undefined) return [];
  const expected = reference.grad_norm_unictokens_total_all_params;
  const norm = inScope(() => {
    const { t2i, mmu } = batchOf(arrays, reference);
    const total = (p: Policy) => trainingLoss(p, { t2i, mmu }, { model, weights: LOSS_WEIGHTS.unictokens });
    const { grads, loss, aux } = valueAndGrad(total)(policy);
    const found = globalNorm(grads).dataSync();
    disposeTree([grads, loss, aux]);
    return compare(found, [expected], {
      name: "showo gradient unictokens_total",
      quantity: "norm over all parameters",
      tolerance: 1e-5 * expected,
    });
  });
  return [...TASKS.flatMap((task) => gradientsOf(fixture, reference, task)), norm];
}

/**
 * Compares where the values of new concept rows come from.
 *
 * @param fixture The fixture and its transformer.
 */
export function conceptRowChecks({ config, policy: { base }, cases }: ShowoModelFixture): readonly Check[] {
  if (cases.concept_rows === undefined) return [];
  const { n_new: count, ...sources } = cases.concept_rows;
  return inScope(() => {
    const own = initialConceptRows(base, count, config);
    const at = withConcept(config, count).vocabulary.firstConceptRow;
    const insert = (table: tf.Tensor, rows: tf.Tensor) => {
      const [before, after] = tf.split(table, [at, (table.shape[0] as number) - at]) as [
        tf.Tensor,
        tf.Tensor,
      ];
      return tf.concat([before, rows, after]).dataSync();
    };
    const expected = (table: tf.Tensor, ids: number[]) =>
      tf.gather(table, tf.tensor1d(ids, "int32")).dataSync();
    const bias = base.head.bias as tf.Tensor;
    const tables = [
      ["embedding", base.embed, own.embed, sources.embed_source_row],
      ["head weight", base.head.weight, own.headWeight, sources.head_weight_source_row],
      ["head bias", bias, own.headBias, sources.head_bias_source_row],
    ] as const;
    return tables.map(([quantity, table, rows, ids]) =>
      compareExactly(insert(table, rows), expected(table, ids), { name: "showo concept rows", quantity })
    );
  });
}
