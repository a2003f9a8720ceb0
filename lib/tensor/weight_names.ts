/**
 * Matching the names and shapes in a file with those a model expects.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { Checked } from "../core/stage.ts";
import type { WeightSource } from "./weight_source.ts";

/**
 * Offers weights under other names.
 *
 * @param rename The new name of each tensor. Where two tensors would get one name, the one that had it keeps it, else
 * the first gets it and the other is left out.
 * @returns A function from weights to the same weights under new names; closing either closes both.
 */
export function renameTensors(rename: (name: string) => string): (source: WeightSource) => WeightSource {
  return (source) => {
    const stored = new Map<string, string>();
    for (const name of source.names) {
      const renamed = rename(name);
      if (renamed === name || !stored.has(renamed)) stored.set(renamed, name);
    }
    const fill = source.fillFloat32;
    const old = (name: string): string => stored.get(name) ?? `${name} (under its new name)`;
    return {
      ...source,
      names: [...stored.keys()],
      info: (name) => source.info(old(name)),
      readRaw: (name) => source.readRaw(old(name)),
      readFloat32: (name) => source.readFloat32(old(name)),
      fillFloat32: fill && ((name, memory) => fill(old(name), memory)),
    };
  };
}

/**
 * Drops a prefix from the names of tensors, `showo.model.embed_tokens.weight` → `model.embed_tokens.weight`.
 *
 * @param prefixes Candidates; the first that fits a name is dropped, once.
 * @returns A function from weights to the same weights under shorter names.
 */
export function stripPrefix(prefixes: readonly string[]): (source: WeightSource) => WeightSource {
  return renameTensors((name) => {
    const prefix = prefixes.find((candidate) => name.startsWith(candidate)) ?? "";
    return name.slice(prefix.length);
  });
}

/**
 * Offers one tensor under a second name, for weights that are tied and stored once.
 *
 * @param alias The second name.
 * @returns The same weights; the alias is one more of their names.
 */
export function aliasTensor(source: WeightSource, alias: string, name: string): WeightSource {
  const stored = (wanted: string): string => wanted === alias ? name : wanted;
  const fill = source.fillFloat32;
  return {
    ...source,
    names: [...source.names, alias],
    info: (wanted) => source.info(stored(wanted)),
    readRaw: (wanted) => source.readRaw(stored(wanted)),
    readFloat32: (wanted) => source.readFloat32(stored(wanted)),
    fillFloat32: fill && ((wanted, memory) => fill(stored(wanted), memory)),
  };
}

/** What may be in the file without being expected. */
export interface CheckOptions {
  /** Names of tensors to leave out of account if nothing expects them. */
  readonly ignore?: readonly RegExp[];
}

/**
 * Lists what is missing, misshapen or unexpected in weights.
 *
 * @param expected The shape of every tensor that the model needs.
 * @param options Which extra tensors are fine.
 * @returns One line a tensor: name, expected and found shape. Empty if all fits.
 */
export function weightProblems(
  source: WeightSource,
  expected: ReadonlyMap<string, readonly number[]>,
  options: CheckOptions = {},
): readonly string[] {
  const wrong = [...expected].flatMap(([name, shape]) => {
    const found = source.info(name)?.shape;
    if (found === undefined) return [`${name}: expected [${shape}], found nothing`];
    return `${found}` === `${shape}` ? [] : [`${name}: expected [${shape}], found [${found}]`];
  });
  const extra = source.names
    .filter((name) => !expected.has(name) && !(options.ignore ?? []).some((pattern) => pattern.test(name)))
    .map((name) => `${name}: expected nothing, found [${source.info(name)?.shape}]`);
  return [...wrong, ...extra];
}

const SHOWN = 12;

/**
 * Makes sure that weights fit a model.
 *
 * @param expected The shape of every tensor that the model needs.
 * @param options Which extra tensors are fine.
 * @returns The weights. Left `InputInvalid` with the first dozen lines of {@link weightProblems}.
 */
export function checkWeights(
  source: WeightSource,
  expected: ReadonlyMap<string, readonly number[]>,
  options: CheckOptions = {},
): Checked<WeightSource> {
  const problems = weightProblems(source, expected, options);
  if (problems.length === 0) return E.right(source);
  const more = problems.length > SHOWN ? `, and ${problems.length - SHOWN} more` : "";
  return E.left({
    _tag: "InputInvalid",
    where: source.path,
    problem: `${problems.length} tensors do not fit the model: ${problems.slice(0, SHOWN).join("; ")}${more}`,
    remedy: "use the weights that belong to this config",
  });
}
