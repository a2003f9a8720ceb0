/**
 * Weights and inputs from a formula in integer arithmetic, so that large models can be compared without a download.
 *
 * For a name s: `seed = fold over characters (seed + code · (i + 1)) mod 10007`; for a flat index j:
 * `h = (seed + 7919 j + 104729 ((j mod 101)(j mod 97))) mod 10007`, `u = 2 h / 10007 − 1`.
 *
 * @module
 */
import { elementCount } from "../../lib/tensor/containers/dtype.ts";

const MODULUS = 10007;

const seedOf = (name: string): number =>
  [...name].reduce(
    (seed, character, index) => (seed + (character.codePointAt(0) ?? 0) * (index + 1)) % MODULUS,
    0,
  );

/**
 * Makes the numbers of a name.
 *
 * @param name The name of a tensor.
 * @param count How many.
 * @returns Numbers in [−1, 1).
 *
 * @example
 * ```ts
 * import { formulaNumbers } from "./formula.ts";
 * import assert from "node:assert/strict";
 * const [first = 0, second = 0] = formulaNumbers("face", 2);
 * assert.ok(Math.abs(first + 0.800739) < 1e-6 && Math.abs(second + 0.286899) < 1e-6);
 * ```
 */
export function formulaNumbers(name: string, count: number): Float32Array {
  const seed = seedOf(name);
  const numbers = new Float32Array(count);
  for (let j = 0; j < count; j++) {
    const hash = (seed + 7919 * j + 104729 * ((j % 101) * (j % 97))) % MODULUS;
    numbers[j] = 2 * hash / MODULUS - 1;
  }
  return numbers;
}

interface Line {
  readonly offset: number;
  readonly slope: number;
}

/** Offset and slope in u of each kind of tensor in the face networks. */
function faceLine(name: string, shape: readonly number[]): Line {
  if (name.endsWith(".running_mean")) return { offset: 0, slope: 0.1 };
  if (name.endsWith(".running_var")) return { offset: 1, slope: 0.5 };
  if (name.toLowerCase().includes("prelu")) return { offset: 0.25, slope: 0.1 };
  if (name.endsWith(".bias")) return { offset: 0, slope: 0.1 };
  if (name.includes(".bn.") || name.startsWith("last_bn")) return { offset: 1, slope: 0.1 };
  const fanIn = elementCount(shape.slice(1));
  return { offset: 0, slope: shape.length >= 2 ? Math.sqrt(6 / fanIn) : 0.3 };
}

/**
 * Makes the weights of a tensor of a face network.
 *
 * @param name Published name; its kind decides size and offset of the numbers.
 * @param prefix Put before the name where its seed is computed.
 * @returns The numbers, row-major.
 */
export function faceFormula(name: string, shape: readonly number[], prefix = ""): Float32Array {
  const { offset, slope } = faceLine(name, shape);
  return formulaNumbers(`${prefix}${name}`, elementCount(shape)).map((u) => offset + slope * u);
}
