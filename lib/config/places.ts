/**
 * What a relative path counts from: on the command line from where the user stands, in a YAML file from the file.
 *
 * @module
 */
import { dirname, isAbsolute, join, relative } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { type ConfigSource, parseOverride } from "./document.ts";
import type { Fields, Place } from "./field.ts";
import { snakeCase } from "./naming.ts";

/** Turns a path as it is written into one that counts from the working folder. */
export type Anchor = (path: string, place: Place) => string;

/** Asks whether something exists at a path. */
export type Exists = (path: string) => boolean;

/**
 * Makes the anchor of a folder: what is written goes there; what is read is looked for there, then in the working folder.
 *
 * @param folder The folder, absolute or relative to the working folder.
 * @param exists Asks the disk.
 * @returns The anchor; of a list with commas each part is looked for, of `folder:name:name` the folder. Absolute paths stay, and so do names of runs and concepts that are no path there.
 *
 * @example A user who stands in /elsewhere/ana
 * ```ts
 * import { anchorAt } from "./places.ts";
 * import assert from "node:assert/strict";
 * const anchor = anchorAt("/elsewhere/ana", (path) => path === "/elsewhere/ana/photos");
 * assert.equal(anchor("photos", "read"), "/elsewhere/ana/photos");
 * assert.equal(anchor("assets/nano", "read"), "assets/nano");
 * assert.equal(anchor("out", "folder"), "/elsewhere/ana/out");
 * ```
 */
export function anchorAt(folder: string, exists: Exists): Anchor {
  const anchor: Anchor = (path, place) => {
    if (path === "" || isAbsolute(path)) return path;
    const there = join(folder, path);
    if (place === "folder" || place === "file" || exists(there)) return there;
    const [first = "", ...rest] = path.split(":");
    if (rest.length > 0 && first !== "" && exists(join(folder, first))) {
      return [join(folder, first), ...rest].join(":");
    }
    return path.includes(",") ? path.split(",").map((each) => anchor(each, place)).join(",") : path;
  };
  return anchor;
}

const isOutside = (folder: string): boolean =>
  relative(".", folder).startsWith("..") || isAbsolute(relative(".", folder));

/**
 * Makes the anchor of a YAML file: what is read is looked for beside the file, then in the project. Where a file lies in the
 * project, what it says is written counts from the project, as `runs: runs` in the bundled files.
 *
 * @param file The YAML file.
 * @param exists Asks the disk.
 */
export function anchorOfFile(file: string, exists: Exists): Anchor {
  const beside = anchorAt(dirname(file), exists);
  const inside: Anchor = (path, place) => place === "folder" || place === "file" ? path : beside(path, place);
  return isOutside(dirname(file)) ? beside : inside;
}

type Data = ConfigSource["data"];

const isSection = (value: unknown): value is Data =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Anchors every path in a tree of settings.
 *
 * @param fields What the settings are.
 * @param data The tree, with YAML keys.
 * @param anchor What relative paths count from.
 */
export function anchorData(fields: Fields, data: Data, anchor: Anchor): Data {
  const changed = Object.entries(fields).flatMap(([name, { fields: inner, place }]) => {
    const key = snakeCase(name);
    const value = data[key];
    if (inner !== null) return isSection(value) ? [[key, anchorData(inner, value, anchor)]] : [];
    return place !== undefined && typeof value === "string" ? [[key, anchor(value, place)]] : [];
  });
  return { ...data, ...Object.fromEntries(changed) };
}

/**
 * Anchors the path in one `key=value`, if it is one.
 *
 * @param fields What the settings are.
 * @param text As after `--set`.
 * @param anchor What relative paths count from.
 * @returns The text, changed only where a path moved; a text that cannot be read stays for its own error.
 */
export function anchorOverride(fields: Fields, text: string, anchor: Anchor): string {
  const parsed = parseOverride(text);
  if (E.isLeft(parsed)) return text;
  const { path, value } = parsed.right;
  const field = path.reduce<{ readonly fields: Fields | null; readonly place?: Place } | undefined>(
    (above, key) => Object.entries(above?.fields ?? {}).find(([name]) => snakeCase(name) === key)?.[1],
    { fields },
  );
  if (field?.place === undefined || typeof value !== "string") return text;
  const moved = anchor(value, field.place);
  return moved === value ? text : `${path.join(".")}=${JSON.stringify(moved)}`;
}

/**
 * Lists the places that settings or options name for writing.
 *
 * @param fields What they are.
 * @param values Decoded values.
 * @returns Folders; of a file the folder that holds it. Names of runs are left out: they lie where runs lie.
 */
export function writtenPlaces(fields: Fields, values: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(fields).flatMap(([name, { fields: inner, place }]) => {
    const value = values[name];
    if (inner !== null) return isSection(value) ? writtenPlaces(inner, value) : [];
    return typeof value === "string" ? writtenPlace(value, place) : [];
  });
}

/**
 * Says where a named place is written.
 *
 * @param path As the user named it.
 * @param place What it is.
 * @returns One folder, or none; of a checkpoint the run that holds it.
 */
export function writtenPlace(path: string, place: Place | undefined): readonly string[] {
  if (path === "" || place === undefined || place === "read") return [];
  if (place === "file") return [dirname(path)];
  if (place !== "run") return [path];
  return /[\\/]/.test(path) ? [path.replace(/[\\/]checkpoints[\\/][^\\/]+[\\/]*$/, "")] : [];
}
