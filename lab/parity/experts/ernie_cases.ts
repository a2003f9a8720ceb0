/**
 * ERNIE against its reference: tokens, hidden states, pooled vectors, cosines.
 *
 * @module
 */
import * as t from "io-ts";
import type { HasFiles } from "../../../lib/core/capability.ts";
import type { Stage } from "../../../lib/core/stage.ts";
import { ernieHidden, poolText } from "../../../lib/experts/ernie/ernie.ts";
import type { ErnieOf } from "../../../lib/experts/ernie/ernie_config.ts";
import { ernieExpert, type ErnieParts, loadErnieParts } from "../../../lib/experts/ernie/ernie_expert.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import type { HasBlobs } from "../../../lib/tensor/weight_source.ts";
import { type Check, compare } from "../check.ts";
import { type Arrays, readArrays, readCases } from "../fixture.ts";
import { inScope, procedure } from "../procedure.ts";
import { cosines, TextCases, tokenChecks } from "./texts.ts";

const Ids = t.array(t.number);
const Cases = t.type({
  max_length: t.number,
  cases: TextCases,
  batch: t.type({ texts: Ids, input_ids: t.array(Ids), attention_mask: t.array(Ids) }),
  cosine_mean: t.type({ texts: Ids, matrix: t.array(Ids) }),
  explicit_types: t.type({ text: t.string, token_type_ids: Ids, task_type_ids: Ids }),
  no_task_id: t.type({ text: t.string }),
});
type Cases = t.TypeOf<typeof Cases>;

const TOLERANCE = 1e-4;

const row = (ids: readonly number[]): tf.Tensor => tf.tensor2d([[...ids]], undefined, "int32");

interface Model {
  readonly parts: ErnieParts;
  readonly weights: ErnieOf<tf.Tensor>;
}

function hiddenOf(
  { parts, weights }: Model,
  ids: readonly number[],
  types: { readonly tokenTypes?: tf.Tensor; readonly taskTypes?: tf.Tensor } = {},
): tf.Tensor {
  return ernieHidden(weights, { ids: row(ids), mask: row(ids.map(() => 1)), ...types }, parts.config);
}

function textChecks(model: Model, { cases }: Cases, arrays: Arrays): readonly Check[] {
  return cases.flatMap((text) => {
    const { name, input_ids } = text;
    const options = { name: `ernie ${name}`, tolerance: TOLERANCE };
    const { tokenizer } = model.parts;
    const checks = [...tokenChecks(tokenizer, options.name, text)];
    const mask = row(input_ids.map(() => 1));
    const hidden = hiddenOf(model, input_ids);
    const quantities = {
      mean: () => poolText(hidden, mask, { pooling: "mean" }),
      pooler: () => poolText(hidden, mask, { pooling: "pooler", pooler: model.weights.pooler }),
      last_hidden_state: () => hidden,
    };
    for (const [quantity, compute] of Object.entries(quantities)) {
      if (!arrays.has(`${name}.${quantity}`)) continue;
      const expected = arrays.numbers(`${name}.${quantity}`);
      checks.push(compare(compute().dataSync(), expected, { ...options, quantity }));
    }
    return checks;
  });
}

function typeChecks(
  model: Model,
  { cases, explicit_types, no_task_id }: Cases,
  arrays: Arrays,
): readonly Check[] {
  const idsOf = (name: string) => cases.find((one) => one.name === name)?.input_ids ?? [];
  const options = { quantity: "last_hidden_state", tolerance: TOLERANCE };
  const explicit = hiddenOf(model, idsOf(explicit_types.text), {
    tokenTypes: row(explicit_types.token_type_ids),
    taskTypes: row(explicit_types.task_type_ids),
  });
  const { taskTypes: _, ...weights } = model.weights;
  const plain = hiddenOf({ ...model, weights }, idsOf(no_task_id.text));
  const expected = (name: string) => arrays.numbers(`${name}.last_hidden_state`);
  return [
    compare(explicit.dataSync(), expected("explicit_types"), { ...options, name: "ernie explicit_types" }),
    compare(plain.dataSync(), expected("no_task_id"), { ...options, name: "ernie no_task_id" }),
  ];
}

function batchChecks(model: Model, { cases, batch }: Cases, arrays: Arrays): readonly Check[] {
  const ids = tf.tensor2d(batch.input_ids, undefined, "int32");
  const mask = tf.tensor2d(batch.attention_mask, undefined, "int32");
  const means = poolText(ernieHidden(model.weights, { ids, mask }, model.parts.config), mask, {
    pooling: "mean",
  });
  const rows = means.arraySync() as number[][];
  return batch.texts.map((text, index) => {
    const name = cases[text]?.name ?? "";
    const options = { name: `ernie ${name}`, quantity: "mean in a batch", tolerance: TOLERANCE };
    return compare(rows[index] ?? [], arrays.numbers(`${name}.mean`), options);
  });
}

/**
 * Runs the ERNIE cases of a fixture folder.
 *
 * @param folder A folder with `cases.json` and `expected.safetensors`.
 * @param options.model The model folder, if it is another one.
 * @param options.weights The file of its weights, if not the usual one.
 */
export function ernieCases(
  folder: string,
  options: { readonly model?: string; readonly weights?: string } = {},
): Stage<HasFiles & HasBlobs, readonly Check[]> {
  const { model = folder, ...rest } = options;
  return procedure("ernie cases", async (run) => {
    const cases = await run(readCases(`${folder}/cases.json`, Cases));
    const arrays = await run(readArrays(`${folder}/expected.safetensors`));
    const parts = await run(loadErnieParts(model, { maxLength: cases.max_length, ...rest }));
    const expert = ernieExpert(parts);
    const { words } = parts;
    try {
      const checks = inScope(() => {
        const table = tf.tensor2d(words.data, [words.rows, words.width]);
        const whole = { parts, weights: { ...parts.body, words: table } };
        return [textChecks, typeChecks, batchChecks].flatMap((checksOf) => checksOf(whole, cases, arrays));
      });
      const { texts, matrix } = cases.cosine_mean;
      const vectors = await run(expert.embed(texts.map((index) => cases.cases[index]?.text ?? "")));
      const shared = { name: "ernie", quantity: "cosines from text", tolerance: TOLERANCE };
      return [...checks, compare(cosines(vectors, vectors), matrix.flat(), shared)];
    } finally {
      expert.dispose();
    }
  });
}
