/**
 * Which of the tensors in a PyTorch checkpoint are the weights: training programs save them beside an optimizer, a loss, or a
 * second model.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { PipelineError } from "../../core/error.ts";
import type { Checked } from "../../core/stage.ts";
import { elementCount, ITEM_SIZE, sizeText } from "./dtype.ts";
import type { PickleValue } from "./pickle.ts";
import { corrupt, type Taken } from "./random_access.ts";
import { BARE_TENSOR, tensorOf, type TorchTensor } from "./torch_objects.ts";

/** The tensors of one dictionary of a checkpoint. */
export interface TorchPart {
  /** The keys that lead to the dictionary, joined by dots: `model.ema`; empty for the outermost one. */
  readonly name: string;
  readonly tensors: ReadonlyMap<string, TorchTensor>;
  /** Whether an optimizer's state is in it. */
  readonly optimizer: boolean;
}

/** The weights among the parts. */
export interface TakenPart extends Taken {
  readonly tensors: ReadonlyMap<string, TorchTensor>;
}

/** The part's name that stands for all dictionaries at once. */
export const WHOLE = ".";

type Entries = ReadonlyMap<string | number, PickleValue>;

const entriesOf = (value: PickleValue): Entries | null => {
  if (typeof value !== "object" || value === null) return null;
  if (value.kind === "dict") return value.entries;
  return value.kind === "list" || value.kind === "tuple" ? new Map(value.items.entries()) : null;
};

const MOMENTS = ["exp_avg", "exp_avg_sq", "momentum_buffer", "square_avg", "sum"];
const OPTIMIZER_NAME = /optim|^opt(_|$)|^(adam|sgd|lion|rmsprop|adagrad|lamb)/i;

/** By its name, by its form (`state` beside `param_groups`), or by the moments in it. */
const holdsOptimizer = (key: string, entries: Entries): boolean =>
  (OPTIMIZER_NAME.test(key) && !/model/i.test(key)) || entries.has("param_groups") ||
  MOMENTS.some((moment) => tensorOf(entries.get(moment) ?? null) !== null);

const joined = (outer: string, inner: string): string => outer === "" ? inner : `${outer}.${inner}`;

/**
 * Finds every dictionary or list with tensors, at whatever depth. A value that occurs twice is found once.
 *
 * @param root The value of the pickle.
 * @returns The parts, the outer ones first.
 */
export function torchParts(root: PickleValue): readonly TorchPart[] {
  const bare = tensorOf(root);
  if (bare !== null) return [{ name: "", tensors: new Map([[BARE_TENSOR, bare]]), optimizer: false }];
  const parts: TorchPart[] = [];
  const seen = new Set<PickleValue>();
  const waiting = [{ name: "", key: "", value: root, inside: false }];
  for (const { name, key, value, inside } of waiting) {
    const entries = seen.has(value) ? null : entriesOf(value);
    if (entries === null) continue;
    seen.add(value);
    const optimizer = inside || holdsOptimizer(key, entries);
    const tensors = new Map<string, TorchTensor>();
    for (const [inner, content] of entries) {
      const tensor = tensorOf(content);
      if (tensor !== null) tensors.set(`${inner}`, tensor);
      else {waiting.push({
          name: joined(name, `${inner}`),
          key: `${inner}`,
          value: content,
          inside: optimizer,
        });}
    }
    if (tensors.size > 0) parts.push({ name, tensors, optimizer });
  }
  return parts;
}

const holdsNumbersOnly = ({ tensors }: TorchPart): boolean =>
  [...tensors.values()].every(({ shape }) => elementCount(shape) <= 1);

/** Layers give their tensors dotted names; a layer alone has `weight` or `bias`. */
const namesLayers = (part: TorchPart): boolean =>
  !holdsNumbersOnly(part) && [...part.tensors.keys()].some((name) => /\.|^(weight|bias)$/.test(name));

/** The parts that may be the weights: those that name layers; without such, those with more than single numbers. */
function candidatesOf(parts: readonly TorchPart[]): readonly TorchPart[] {
  const possible = parts.filter((part) => !part.optimizer);
  if (parts.length === 1) return possible;
  const layered = possible.filter(namesLayers);
  return layered.length > 0 ? layered : possible.filter((part) => !holdsNumbersOnly(part));
}

/** All tensors of parts under one set of names, counted from a part that holds them all. */
const merged = (parts: readonly TorchPart[], outer: string): ReadonlyMap<string, TorchTensor> =>
  new Map(
    parts.flatMap(({ name, tensors }) =>
      [...tensors].map(([key, tensor]) =>
        [joined(name.slice(outer === "" ? 0 : outer.length + 1), key), tensor] as const
      )
    ),
  );

const partText = (name: string, tensors: ReadonlyMap<string, TorchTensor>): string => {
  const bytes = [...tensors.values()].map(({ shape, dtype }) => elementCount(shape) * ITEM_SIZE[dtype]);
  const count = `${tensors.size} ${tensors.size === 1 ? "tensor" : "tensors"}`;
  return `${name} (${count}, ${sizeText(bytes.reduce((sum, size) => sum + size, 0))})`;
};

/** Names shown of tensors that lie beside the parts. */
const SHOWN = 4;

const looseText = (tensors: ReadonlyMap<string, TorchTensor>): string => {
  const names = [...tensors.keys()];
  return partText(
    names.length > SHOWN ? `${names.slice(0, SHOWN).join(", ")}, …` : names.join(", "),
    tensors,
  );
};

/** An optimizer's many dictionaries are one line. */
const listed = (parts: readonly TorchPart[]): readonly string[] =>
  [...Map.groupBy(parts, ({ name, optimizer }) => optimizer ? name.split(".", 1)[0] as string : name)]
    .map(([name, group]) => name === "" ? looseText(merged(group, "")) : partText(name, merged(group, "")));

const inside = (outer: string) => ({ name }: TorchPart): boolean =>
  name === outer || name.startsWith(`${outer}.`);

/** The parts that a person's word means: a full name, or else a last key that only one place has. */
function meant(
  parts: readonly TorchPart[],
  wanted: string,
): { readonly name: string; readonly parts: readonly TorchPart[] } {
  const exact = parts.filter(inside(wanted));
  if (exact.length > 0) return { name: wanted, parts: exact };
  const places = new Set(parts.flatMap(({ name }) => {
    const at = `.${name}.`.indexOf(`.${wanted}.`);
    return at < 0 ? [] : [name.slice(0, at + wanted.length)];
  }));
  const [name = ""] = places;
  return places.size === 1 ? { name, parts: parts.filter(inside(name)) } : { name: wanted, parts: [] };
}

/**
 * Chooses the weights among the parts of a checkpoint. An optimizer's state is never taken.
 *
 * @param parts From {@link torchParts}.
 * @param path For messages.
 * @param wanted The part that a person named; `.` stands for all of them under their full names.
 * @returns The part. Left `CheckpointCorrupt` if there are no tensors, `InputInvalid` that lists the parts with their
 * sizes if several could be meant or none has the name.
 */
export function choosePart(
  parts: readonly TorchPart[],
  path: string,
  wanted?: string,
): Checked<TakenPart> {
  if (parts.length === 0) return E.left(corrupt(path)("it holds no tensors, at whatever depth"));
  const take = (name: string, taken: readonly TorchPart[]): Checked<TakenPart> =>
    E.right({
      name,
      asWished: wanted !== undefined && taken !== candidates,
      tensors: merged(taken, name),
      leftOut: listed(parts.filter((part) => !taken.includes(part))),
    });
  const models = parts.filter((part) => !part.optimizer);
  const candidates = candidatesOf(parts);
  if (wanted === WHOLE && models.length > 0) return take("", models);
  const named = wanted === undefined ? undefined : meant(models, wanted);
  if (named !== undefined && named.parts.length > 0) return take(named.name, named.parts);
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return take(only.name, candidates);
  return E.left(ambiguous(path, parts, candidates, wanted));
}

function ambiguous(
  path: string,
  parts: readonly TorchPart[],
  candidates: readonly TorchPart[],
  wanted: string | undefined,
): PipelineError {
  const error = (problem: string, remedy: string): PipelineError => ({
    ...{ _tag: "InputInvalid", where: path },
    problem,
    remedy,
  });
  if (candidates.length === 0) {
    return error(
      `no model is in it, only ${listed(parts).join(", ")}`,
      "name the file that holds the model's weights",
    );
  }
  const found = candidates.map(({ name, tensors }) => partText(name === "" ? WHOLE : name, tensors)).join(
    ", ",
  );
  return error(
    wanted === undefined ? `several models are in it: ${found}` : `it has no part ${wanted}, but ${found}`,
    `choose one: deno task convert ${path} OUT.safetensors --part NAME`,
  );
}
