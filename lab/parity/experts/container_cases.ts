/**
 * Weight files against the reference readers: what must be read exactly, what must be refused.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as t from "io-ts";
import { createHash } from "node:crypto";
import type { HasFiles } from "../../../lib/core/capability.ts";
import { type Checked, scoped, type Stage } from "../../../lib/core/stage.ts";
import { type HasBlobs, openWeights, type WeightSource } from "../../../lib/tensor/weight_source.ts";
import { type Check, compareExactly } from "../check.ts";
import { readCases } from "../fixture.ts";
import { procedure } from "../procedure.ts";

const Verdict = t.type({ file: t.string, expect: t.string });
const Loader = t.type({ safetensors: t.array(Verdict), pickle: t.array(Verdict) });

const readAll = (source: WeightSource) => {
  const failed = source.names.map(source.readFloat32).find(E.isLeft);
  return failed ?? E.right(undefined);
};

/**
 * Runs the cases of damaged and hostile weight files.
 *
 * @param folder A folder with `cases.json` and the files.
 */
export function loaderCases(folder: string): Stage<HasFiles & HasBlobs, readonly Check[]> {
  return (needs) =>
    procedure<HasFiles & HasBlobs, readonly Check[]>("loader cases", async (run) => {
      const { safetensors, pickle } = await run(readCases(`${folder}/cases.json`, Loader));
      const checks: Check[] = [];
      for (const { file, expect } of [...safetensors, ...pickle]) {
        const read = scoped(
          openWeights(`${folder}/${file}`),
          (source) => RTE.fromEither(readAll(source)),
          (source) => source.close(),
        );
        const outcome = E.isRight(await read(needs)()) ? "accept" : "reject";
        checks.push(compareExactly([outcome], [expect], { name: `loader ${file}`, quantity: "verdict" }));
      }
      return checks;
    })(needs);
}

const Entry = t.type({ shape: t.array(t.number), sha256_row_major_le: t.string });
const Listing = t.record(t.string, Entry);
const Listings = t.type({ files: t.record(t.string, Listing) });
type Listing = t.TypeOf<typeof Listing>;

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const described = (source: WeightSource) => (name: string): Checked<string> =>
  pipe(source.readRaw(name), E.map(({ shape, bytes }) => `${name} [${shape}] ${digest(bytes)}`));

/** Every tensor of a file with its shape and the hash of its bytes, sorted. */
const contentOf = (path: string): Stage<HasFiles & HasBlobs, readonly string[]> =>
  scoped(
    openWeights(path),
    (source) =>
      RTE.fromEither(
        pipe(source.names, E.traverseArray(described(source)), E.map((lines) => [...lines].sort())),
      ),
    (source) => source.close(),
  );

const listed = (listing: Listing): readonly string[] =>
  Object.entries(listing).map(([name, entry]) => `${name} [${entry.shape}] ${entry.sha256_row_major_le}`)
    .sort();

/**
 * Compares every tensor of PyTorch files with the reference listing.
 *
 * @param folder A folder with `cases.json` and the files that it lists.
 */
export function listingCases(folder: string): Stage<HasFiles & HasBlobs, readonly Check[]> {
  return procedure("listing cases", async (run) => {
    const { files } = await run(readCases(`${folder}/cases.json`, Listings));
    const checks: Check[] = [];
    for (const [file, listing] of Object.entries(files)) {
      const options = { name: file, quantity: "tensors" };
      checks.push(compareExactly(await run(contentOf(`${folder}/${file}`)), listed(listing), options));
    }
    return checks;
  });
}

const PnetListing = t.type({ file: t.string, tensors: Listing });

/**
 * Compares the packaged original of the proposal network with its listing.
 *
 * @param folder A folder with `pnet_listing.json`.
 */
export function pnetListing(folder: string): Stage<HasFiles & HasBlobs, readonly Check[]> {
  return procedure("listing cases", async (run) => {
    const { file, tensors } = await run(readCases(`${folder}/pnet_listing.json`, PnetListing));
    const options = { name: `mtcnn ${file}`, quantity: "tensors" };
    return [compareExactly(await run(contentOf(`${folder}/${file}`)), listed(tensors), options)];
  });
}
