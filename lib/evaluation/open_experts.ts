/**
 * The experts of a profile that score pictures in an evaluation.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { HasFiles } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import { loadClip } from "../experts/clip/clip_expert.ts";
import { loadDinov2 } from "../experts/dinov2/dinov2_expert.ts";
import { loadFaces } from "../experts/face/face_load.ts";
import type { Profile } from "../method/profile.ts";
import type { HasBlobs } from "../tensor/weight_source.ts";
import type { EvaluationExperts } from "./scored.ts";

/** An expert by the metric that it serves. */
export type PictureExpert = "clip" | "dino" | "faces";

/** Loaded experts; `dispose` frees their weights. */
export interface OpenExperts extends Omit<EvaluationExperts, "judge"> {
  readonly dispose: () => void;
}

type Disposable = { readonly dispose: () => void };

/** Loads one after the other; what was loaded before a failure is freed. */
const loadAll = (
  loads: Readonly<Record<PictureExpert, Stage<HasFiles & HasBlobs, Disposable> | null>>,
): Stage<HasFiles & HasBlobs, OpenExperts> =>
(needs) =>
async () => {
  const loaded: Partial<Record<PictureExpert, Disposable>> = {};
  const dispose = (): void => Object.values(loaded).forEach((expert) => expert.dispose());
  for (const name of ["clip", "dino", "faces"] as const) {
    const load = loads[name];
    if (load === null) continue;
    const outcome = await load(needs)();
    if (E.isLeft(outcome)) {
      dispose();
      return outcome;
    }
    loaded[name] = outcome.right;
  }
  const { clip = null, dino = null, faces = null } = loaded as unknown as Partial<
    Omit<EvaluationExperts, "judge">
  >;
  return E.right({ clip, dino, faces, dispose });
};

/**
 * Loads the experts that a profile has.
 *
 * @param profile Where they lie; CLIP takes no part in training.
 * @param wanted Which; an expert that the profile lacks is left out, and so are its metrics.
 * @returns The experts; Left with the file that is missing or damaged.
 */
export function openExperts(
  profile: Profile,
  wanted: readonly PictureExpert[],
): Stage<HasFiles & HasBlobs, OpenExperts> {
  const { clip, dinov2, facenet, mtcnn } = profile;
  const asked = (name: PictureExpert): boolean => wanted.includes(name);
  return loadAll({
    clip: clip !== null && asked("clip") ? loadClip(clip) : null,
    dino: dinov2 !== null && asked("dino") ? loadDinov2(dinov2) : null,
    faces: facenet !== null && asked("faces")
      ? loadFaces(facenet, mtcnn === null ? {} : { detector: mtcnn })
      : null,
  });
}
