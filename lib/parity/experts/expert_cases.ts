/**
 * All expert cases of a fixture folder.
 *
 * @module
 */
import type { HasFiles } from "../../core/capability.ts";
import type { Stage } from "../../core/stage.ts";
import type { HasBlobs } from "../../tensor/weight_source.ts";
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
  /** The file that says that the part is there. */
  readonly file: string;
  readonly run: CaseRunner;
}

const PARTS: readonly Part[] = [
  { folder: "ernie", file: "cases.json", run: (folder) => ernieCases(folder) },
  { folder: "ernie-bin", file: "cases.json", run: listingCases },
  ...["pytorch_model.bin", "published_names.bin"].map((file): Part => ({
    folder: "ernie-bin",
    file,
    run: (model) => ernieCases(`${model}/../ernie`, { model, weights: `${model}/${file}` }),
  })),
  { folder: "dinov2", file: "cases.json", run: dinov2Cases },
  { folder: "dinov2-registers", file: "cases.json", run: dinov2Cases },
  { folder: "dinov2-swiglu", file: "cases.json", run: dinov2Cases },
  { folder: "clip", file: "cases.json", run: clipCases },
  { folder: "blip2", file: "cases.json", run: (folder) => blip2Cases(folder) },
  { folder: "preprocess", file: "cases.json", run: preprocessCases },
  { folder: "mtcnn", file: "cases.json", run: mtcnnCases },
  { folder: "mtcnn", file: "pnet_listing.json", run: pnetListing },
  { folder: "facenet", file: "cases.json", run: (folder) => facenetCases(folder) },
  { folder: "loader", file: "cases.json", run: loaderCases },
];

/**
 * Runs the cases of every part that a folder has: `ernie/`, `dinov2/`, `clip/`, `blip2/`, `mtcnn/`, …
 *
 * @param folder A folder of the experts layout.
 * @returns The comparisons in the order of the parts; none if the folder has no part.
 */
export function expertCases(folder: string): Stage<HasFiles & HasBlobs, readonly Check[]> {
  return procedure("expert cases", async (run) => {
    const checks: Check[] = [];
    for (const part of PARTS) {
      const path = `${folder}/${part.folder}`;
      if (await run(fileExists(`${path}/${part.file}`))) checks.push(...await run(part.run(path)));
    }
    return checks;
  });
}
