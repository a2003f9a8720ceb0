/**
 * Numbers whose range is part of their type.
 *
 * @module
 */
import type * as t from "io-ts";

/** The mark of {@link Positive}. */
export interface PositiveBrand {
  readonly Positive: unique symbol;
}
/** The mark of {@link NonNegative}. */
export interface NonNegativeBrand {
  readonly NonNegative: unique symbol;
}
/** The mark of {@link UnitInterval}. */
export interface UnitIntervalBrand {
  readonly UnitInterval: unique symbol;
}
/** The mark of {@link PositiveInt}. */
export interface PositiveIntBrand {
  readonly PositiveInt: unique symbol;
}

/** A finite number > 0. */
export type Positive = t.Branded<number, PositiveBrand>;
/** A finite number ≥ 0. */
export type NonNegative = t.Branded<number, NonNegativeBrand>;
/** A number in [0, 1]. */
export type UnitInterval = t.Branded<number, UnitIntervalBrand>;
/** A whole number ≥ 1. */
export type PositiveInt = t.Branded<number, PositiveIntBrand>;

/**
 * Tells whether a number is finite and above 0.
 *
 * @param value Any number.
 * @returns The answer, which narrows the type.
 */
export function isPositive(value: number): value is Positive {
  return Number.isFinite(value) && value > 0;
}

/**
 * Tells whether a number is finite and at least 0.
 *
 * @param value Any number.
 * @returns The answer, which narrows the type.
 */
export function isNonNegative(value: number): value is NonNegative {
  return Number.isFinite(value) && value >= 0;
}

/**
 * Tells whether a number lies in [0, 1].
 *
 * @param value Any number.
 * @returns The answer, which narrows the type.
 */
export function isUnitInterval(value: number): value is UnitInterval {
  return value >= 0 && value <= 1;
}

/**
 * Tells whether a number is whole, exact and at least 1.
 *
 * @param value Any number.
 * @returns The answer, which narrows the type.
 */
export function isPositiveInt(value: number): value is PositiveInt {
  return Number.isSafeInteger(value) && value >= 1;
}
