/**
 * All expert cases of a fixture folder.
 *
 * @module
 */
import type { HasFiles } from "../../../lib/core/capability.ts";
import type { Stage } from "../../../lib/core/stage.ts";
import type { HasBlobs } from "../../../lib/tensor/weight_source.ts";
import type { Check } from "../check.ts";
import { fileExists } from "../fixture.ts";
import { procedure } from "../procedure.ts";
import { blip2Cases } from "./blip2_cases.ts";
import { clipCases } from "./clip_cases.ts";
import { listingCases, loaderCases, pnetListing } from "./container_cases.ts";
import { dinov2Cases } from "./dinov2_cases.ts";
import { ernieCases } from "./ernie_cases.ts";
import { mtcnnCases } from "./face_cases.ts";
import { facenetCases } from "./facenet_cases.ts";
import { preprocessCases } from "./preprocess_cases.ts";

/** Compares what a folder holds with its reference. */
export type CaseRunner = (folder: string) => Stage<HasFiles & HasBlobs, readonly Check[]>;

/** A part of a fixture folder. */
interface Part {
  readonly folder: string;
  /** Files that the part needs. */
  readonly files: readonly string[];
  readonly run: CaseRunner;
}

const PARTS: readonly Part[] = [
  { folder: "ernie", files: ["cases.json"], run: (folder) => ernieCases(folder) },
  { folder: "ernie-bin", files: ["cases.json"], run: listingCases },
  ...["pytorch_model.bin", "published_names.bin"].map((file): Part => ({
    folder: "ernie-bin",
    files: [file, "../ernie/cases.json"],
    run: (model) => ernieCases(`${model}/../ernie`, { model, weights: `${model}/${file}` }),
  })),
  { folder: "dinov2", files: ["cases.json"], run: dinov2Cases },
  { folder: "dinov2-registers", files: ["cases.json"], run: dinov2Cases },
  { folder: "dinov2-swiglu", files: ["cases.json"], run: dinov2Cases },
  { folder: "clip", files: ["cases.json"], run: clipCases },
  { folder: "blip2", files: ["cases.json"], run: (folder) => blip2Cases(folder) },
  { folder: "preprocess", files: ["cases.json"], run: preprocessCases },
  { folder: "mtcnn", files: ["cases.json"], run: mtcnnCases },
  { folder: "mtcnn", files: ["pnet_listing.json"], run: pnetListing },
  { folder: "facenet", files: ["cases.json"], run: (folder) => facenetCases(folder) },
  { folder: "loader", files: ["cases.json"], run: loaderCases },
];

/**
 * Runs the cases of every part that a folder has: `ernie/`, `dinov2/`, `clip/`, `blip2/`, `mtcnn/`, …
 *
 * @param folder A folder of the experts layout, or one of its parts.
 * @returns The comparisons in the order of the parts; none if the folder has no part.
 */
export function expertCases(folder: string): Stage<HasFiles & HasBlobs, readonly Check[]> {
  return procedure("expert cases", async (run) => {
    const checks: Check[] = [];
    for (const part of PARTS) {
      const path = folder.endsWith(`/${part.folder}`) ? folder : `${folder}/${part.folder}`;
      const there: boolean[] = [];
      for (const file of part.files) there.push(await run(fileExists(`${path}/${file}`)));
      if (there.every((exists) => exists)) checks.push(...await run(part.run(path)));
    }
    return checks;
  });
}
