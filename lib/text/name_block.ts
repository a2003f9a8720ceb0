/**
 * How prompts name a concept: its learnable tokens in front of its own.
 *
 * @module
 */

/** How many learnable tokens a concept has besides its own. */
export interface NameBlock {
  /** K, learnt for understanding. */
  readonly semanticTokens: number;
  /** M, learnt for generation. */
  readonly generationTokens: number;
}

/**
 * Lists the tokens that a concept adds, in the order of their ids: the concept, then its learnable tokens.
 *
 * @param concept The concept token, such as `<mip>`.
 * @param block K and M.
 * @returns `1 + K + M` tokens.
 */
export function conceptTokens(concept: string, block: NameBlock): readonly string[] {
  const count = block.semanticTokens + block.generationTokens;
  return [concept, ...Array.from({ length: count }, (_, index) => `<token_${index}>`)];
}

/**
 * Writes a concept as prompts name it: `<token_0>…<token_{K+M−1}><c>`.
 *
 * @param concept The concept token.
 * @param block K and M.
 * @returns The text, without spaces.
 */
export function nameBlock(concept: string, block: NameBlock): string {
  const [token = "", ...learnable] = conceptTokens(concept, block);
  return `${learnable.join("")}${token}`;
}

/** Which mentions of a concept become name blocks. */
export type Mentions = "first" | "all";

/**
 * Expands mentions of a concept into its name block.
 *
 * @param text Text with the concept token.
 * @param concept The concept token.
 * @param options K and M, and which mentions; the first alone keeps prompts short.
 * @returns The text; unchanged if it does not mention the concept.
 *
 * @example
 * ```ts
 * import { expandMentions } from "./name_block.ts";
 * import assert from "node:assert/strict";
 * const block = { semanticTokens: 1, generationTokens: 1 };
 * assert.equal(expandMentions("<c> sees <c> .", "<c>", { ...block, mentions: "first" }), "<token_0><token_1><c> sees <c> .");
 * ```
 */
export function expandMentions(
  text: string,
  concept: string,
  options: NameBlock & { readonly mentions: Mentions },
): string {
  const block = nameBlock(concept, options);
  return options.mentions === "first"
    ? text.replace(concept, () => block)
    : text.replaceAll(concept, () => block);
}
