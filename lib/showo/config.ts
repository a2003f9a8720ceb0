/**
 * Sizes of a Show-o model, from the `config.json` of its folder.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as t from "io-ts";
import type { PipelineError } from "../core/error.ts";
import type { Checked } from "../core/stage.ts";
import { makeVocabulary, SPECIAL_TOKENS, type Vocabulary } from "./vocabulary.ts";

/** Everything about a model that is not a weight. */
export interface ShowoConfig {
  /** D, hidden size. */
  readonly width: number;
  readonly layers: number;
  /** H; divides the width. */
  readonly heads: number;
  /** Inner width of the feed-forward part. */
  readonly mlpWidth: number;
  /** Rotated dimensions of each head, even; the rest pass through. */
  readonly rotaryDims: number;
  /** Base of the rotary angles. */
  readonly ropeTheta: number;
  /** ε of every layer norm. */
  readonly normEpsilon: number;
  /** N, image tokens per picture. */
  readonly numVqTokens: number;
  /** T, length of a text-to-image prompt: text budget + 1 for the task token. */
  readonly textBlock: number;
  /** Ids, including the rows of the current concept. */
  readonly vocabulary: Vocabulary;
  /** Whether a file may leave the head's matrix out because it is the embedding; absent: no, as published. */
  readonly tied?: boolean;
}

const ConfigFile = t.intersection([
  t.type({ llm_vocab_size: t.Int, codebook_size: t.Int, num_vq_tokens: t.Int }),
  t.partial({
    num_new_special_tokens: t.Int,
    vocab_size: t.Int,
    hidden_size: t.Int,
    num_hidden_layers: t.Int,
    num_attention_heads: t.Int,
    intermediate_size: t.Int,
    partial_rotary_factor: t.number,
    rope_theta: t.number,
    layer_norm_eps: t.number,
    max_text_len: t.Int,
    eot_id: t.Int,
    special_tokens: t.record(t.string, t.Int),
    tie_word_embeddings: t.boolean,
  }),
]);
type ConfigFile = t.TypeOf<typeof ConfigFile>;

/**
 * Reads `config.json`. What the published files leave out has the value of phi-1.5 and of the published demo.
 *
 * @param json The parsed file.
 * @param where Its path, for errors.
 * @returns The config without concept rows. Left `ConfigInvalid` with every field that is missing or impossible.
 *
 * @example The published file says little: the rest is phi-1.5
 * ```ts
 * import { parseShowoConfig } from "./config.ts";
 * import assert from "node:assert/strict";
 * const file = { llm_vocab_size: 50295, codebook_size: 8192, num_vq_tokens: 1024, vocab_size: 58498 };
 * const parsed = parseShowoConfig(file, "config.json");
 * assert.ok(parsed._tag === "Right" && parsed.right.width === 2048 && parsed.right.vocabulary.size === 58498);
 * ```
 */
export function parseShowoConfig(json: unknown, where: string): Checked<ShowoConfig> {
  const invalid = (problems: readonly string[]): PipelineError => ({
    _tag: "ConfigInvalid",
    where,
    problems,
  });
  return pipe(
    ConfigFile.decode(json),
    E.mapLeft((errors) => invalid([...new Set(errors.map(fieldProblem))])),
    E.flatMap((file) => {
      const config = configOf(file);
      const problems = impossible(config, file);
      return problems.length === 0 ? E.right(config) : E.left(invalid(problems));
    }),
  );
}

const fieldProblem = ({ context, value }: t.ValidationError): string => {
  const path = context.map(({ key }) => key).filter((key) => key !== "" && !/^\d+$/.test(key)).join(".");
  const wanted = context[context.length - 1]?.type.name ?? "another type";
  return `${path || "the file"}: expected ${wanted}, found ${JSON.stringify(value) ?? "nothing"}`;
};

function configOf(file: ConfigFile): ShowoConfig {
  const { hidden_size: width = 2048, num_attention_heads: heads = 32 } = file;
  const special = Object.fromEntries(
    SPECIAL_TOKENS.flatMap((name) => {
      const id = file.special_tokens?.[name];
      return id === undefined ? [] : [[name, id] as const];
    }),
  );
  return {
    width,
    heads,
    layers: file.num_hidden_layers ?? 24,
    mlpWidth: file.intermediate_size ?? 8192,
    rotaryDims: Math.floor((file.partial_rotary_factor ?? 0.5) * width / heads),
    ropeTheta: file.rope_theta ?? 10000,
    normEpsilon: file.layer_norm_eps ?? 1e-5,
    numVqTokens: file.num_vq_tokens,
    textBlock: (file.max_text_len ?? 128) + 1,
    ...(file.tie_word_embeddings === true ? { tied: true } : {}),
    vocabulary: makeVocabulary({
      textSize: file.llm_vocab_size,
      endOfText: file.eot_id ?? 50256,
      codebookSize: file.codebook_size,
      specialRows: file.num_new_special_tokens ?? SPECIAL_TOKENS.length,
      special,
    }),
  };
}

function impossible(config: ShowoConfig, file: ConfigFile): readonly string[] {
  const { vocabulary, width, heads, rotaryDims } = config;
  const sizes = { ...config, textSize: vocabulary.textSize, codebookSize: vocabulary.codebookSize };
  const names = ["width", "heads", "layers", "mlpWidth", "numVqTokens", "textSize", "codebookSize"] as const;
  return [
    ...names.filter((name) => sizes[name] < 1).map((name) =>
      `${name}: expected at least 1, found ${sizes[name]}`
    ),
    ...(width % heads === 0 ? [] : [`hidden_size ${width} is no multiple of num_attention_heads ${heads}`]),
    ...(rotaryDims % 2 === 0 ? [] : [`partial_rotary_factor gives ${rotaryDims} dimensions, an odd number`]),
    ...(file.vocab_size === undefined || file.vocab_size === vocabulary.size ? [] : [
      `vocab_size ${file.vocab_size} is not llm_vocab_size + num_new_special_tokens + codebook_size + 1 = ${vocabulary.size}`,
    ]),
    ...(vocabulary.endOfText < vocabulary.textSize
      ? []
      : [`eot_id ${vocabulary.endOfText} is no text id below ${vocabulary.textSize}`]),
  ];
}
