/**
 * A profile: which folders hold the unified model, its image tokenizer and the experts.
 *
 * @module
 */
import { dirname, isAbsolute, join } from "node:path";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { type Field, field, type Section, section } from "../config/field.ts";
import { loadConfig } from "../config/load.ts";
import type { PositiveInt } from "../config/numbers.ts";
import type { HasFiles } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";

const optionalFolder = (doc: string): Field<string | null> => field.optional(field.text({ doc }));

/** Decoded profile with folders resolved; `null` stands for an expert that is not there. */
export interface Profile {
  readonly imageSize: PositiveInt;
  readonly unified: string;
  readonly imageTokenizer: string;
  readonly ernie: string | null;
  readonly blip2: string | null;
  readonly dinov2: string | null;
  readonly facenet: string | null;
  readonly mtcnn: string | null;
  readonly clip: string | null;
  readonly judge: string | null;
  readonly names: string | null;
}

/** What a profile file says; folders are relative to the file. */
export const PROFILE: Section<Profile> = section("Where the weights are.", {
  imageSize: field.positiveInt({ doc: "Side of a picture in pixels." }),
  unified: field.text({ doc: "Unified model: config.json, tokenizer.json, weights." }),
  imageTokenizer: field.text({ doc: "MAGVIT-v2: weights, and config.json unless it is the published one." }),
  ernie: optionalFolder("Text expert (TIER)."),
  blip2: optionalFolder("Picture–text expert (BER)."),
  dinov2: optionalFolder("Picture expert (DER)."),
  facenet: optionalFolder("Face embedder (FER)."),
  mtcnn: optionalFolder("Face detector (FER); null takes the bundled one."),
  clip: optionalFolder("CLIP; evaluation only."),
  judge: optionalFolder("Attribute reader of the procedural world; evaluation only."),
  names: optionalFolder("Starting values of concept rows (safetensors); null copies rows of image codes."),
});

const FOLDERS = [
  "unified",
  "imageTokenizer",
  "ernie",
  "blip2",
  "dinov2",
  "facenet",
  "mtcnn",
  "clip",
  "judge",
  "names",
] as const;

/**
 * Finds the file of a profile.
 *
 * @param path The YAML file, or the folder that holds `profile.yaml`.
 */
export function profileFile(path: string): string {
  return /\.ya?ml$/.test(path) ? path : join(path, "profile.yaml");
}

/**
 * Reads a profile.
 *
 * @param path The YAML file, or the folder that holds `profile.yaml`.
 * @returns The profile; its folders start where the file is. Left `FileMissing` or `ConfigInvalid`.
 */
export function loadProfile(path: string): Stage<HasFiles, Profile> {
  const file = profileFile(path);
  return pipe(
    loadConfig(PROFILE, { path: file }),
    RTE.map((profile) => {
      const at = (folder: string): string => isAbsolute(folder) ? folder : join(dirname(file), folder);
      const resolved = FOLDERS.map((name) => [name, profile[name] === null ? null : at(profile[name])]);
      return { ...profile, ...Object.fromEntries(resolved) } as Profile;
    }),
  );
}
