/**
 * What a judge cost.
 *
 * @module
 */

/** Price of a million tokens, in any currency. */
export interface TokenPrice {
  readonly input: number;
  readonly output: number;
}

/** Counts since a judge was made. */
export interface JudgeUsage {
  /** Requests that were sent, repeated ones included. */
  readonly requests: number;
  /** Replies taken from the cache. */
  readonly cached: number;
  /** Items that got no score. */
  readonly unscored: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** What the tokens of this process cost; `null` without a price. */
  readonly cost: number | null;
}

/** A counter that only its judge changes. */
export interface UsageCounter {
  readonly add: (change: Partial<Omit<JudgeUsage, "cost">>) => void;
  readonly read: () => JudgeUsage;
}

/**
 * Makes a counter.
 *
 * @param price The price of tokens, if known.
 * @returns A counter at zero.
 */
export function makeUsageCounter(price: TokenPrice | null): UsageCounter {
  let total = { requests: 0, cached: 0, unscored: 0, promptTokens: 0, completionTokens: 0 };
  return {
    add: (change) => {
      total = {
        requests: total.requests + (change.requests ?? 0),
        cached: total.cached + (change.cached ?? 0),
        unscored: total.unscored + (change.unscored ?? 0),
        promptTokens: total.promptTokens + (change.promptTokens ?? 0),
        completionTokens: total.completionTokens + (change.completionTokens ?? 0),
      };
    },
    read: () => {
      const cost = price === null
        ? null
        : (total.promptTokens * price.input + total.completionTokens * price.output) / 1e6;
      return { ...total, cost };
    },
  };
}
