/**
 * Names in angle brackets that mean something already, so that no concept can have them.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { refuse } from "../core/refuse.ts";
import type { Checked } from "../core/stage.ts";
import { MARKERS, PAD_TOKEN } from "./markers.ts";

/** What tokenizers in use call their own: padding, beginning, end, gap, separator, roles of a dialogue. */
const OF_TOKENIZERS = [
  ...[
    "pad",
    "s",
    "bos",
    "eos",
    "unk",
    "mask",
    "cls",
    "sep",
    "endoftext",
    "startoftext",
    "eot",
    "sot",
    "eop",
    "eod",
  ],
  ...["image", "img", "video", "audio", "system", "user", "assistant", "think", "tool_call"],
  ...[PAD_TOKEN, ...MARKERS].map((token) => token.replace(/^\W+|\W+$/g, "").toLowerCase()),
];

/** The learnable tokens of a name block, the placeholder of the data sets, extra ids of T5 and others. */
const NUMBERED = /^(token|extra_id|unused|reserved|special_token|image_token)_?\d+$/;

const REMEDY = "choose another name; letters, digits and underscores, such as mochi_2";

/**
 * Makes sure that a concept's id is not the name of a token that models use themselves.
 *
 * @param id The id without brackets.
 * @returns Nothing; left `InputInvalid` for `token_0`, `sks`, `pad` and their like, in whatever case.
 *
 * @example
 * ```ts
 * import { freeName } from "./reserved_tokens.ts";
 * import assert from "node:assert/strict";
 * assert.equal(freeName("mochi")._tag, "Right");
 * assert.equal(freeName("token_0")._tag, "Left");
 * ```
 */
export function freeName(id: string): Checked<void> {
  const name = id.toLowerCase();
  if (name === "sks") return refuse(id, "<sks> stands for any concept in texts", REMEDY);
  if (NUMBERED.test(name)) return refuse(id, `<${id}> is the name of a learnable token`, REMEDY);
  return OF_TOKENIZERS.includes(name)
    ? refuse(id, `<${id}> is a token that models use themselves`, REMEDY)
    : E.right(undefined);
}

/**
 * Makes sure that a concept's token is new to a tokenizer.
 *
 * @param tokenizer The tokenizer before the concept is added.
 * @param token The token with brackets.
 * @returns Nothing; left `InputInvalid` as {@link freeName}, or if the tokenizer has the token.
 */
export function freeToken(
  tokenizer: { readonly idOf: (token: string) => number | undefined },
  token: string,
): Checked<void> {
  const id = token.replace(/^<|>$/g, "");
  return tokenizer.idOf(token) === undefined
    ? freeName(id)
    : refuse(id, `the model's tokenizer has a token ${token} already`, REMEDY);
}
