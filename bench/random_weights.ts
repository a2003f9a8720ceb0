/**
 * Random weights on disk in the published layout: sharded safetensors, written piece by piece.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { keyFromSeed, normals } from "../lib/core/key.ts";
import type { Checked } from "../lib/core/stage.ts";
import { elementCount, type TensorInfo, toBytes } from "../lib/tensor/containers/dtype.ts";
import { layoutSafetensors } from "../lib/tensor/containers/safetensors.ts";
import type { Initial } from "../lib/tensor/nest.ts";
import type { Blobs, BlobWriter } from "../lib/tensor/weight_source.ts";

/** How the files are written. */
export interface ShardOptions {
  readonly blobs: Blobs;
  /** An existing folder. */
  readonly folder: string;
  readonly dtype: "F32" | "F16";
  /** Bytes of a shard, about; a larger tensor gets a shard of its own. */
  readonly shardBytes: number;
}

/** What was written. */
export interface Written {
  readonly files: number;
  readonly bytes: number;
}

type Parameters = readonly (readonly [string, Initial])[];

/** Numbers drawn once; every tensor is this stretch repeated from a place of its own. */
const STRETCH = 2 ** 20;

const size = ({ shape }: Initial, dtype: ShardOptions["dtype"]): number =>
  elementCount(shape) * (dtype === "F32" ? 4 : 2);

/**
 * Cuts parameters into shards in their order.
 *
 * @param parameters Name and shape.
 * @param options Dtype and size of a shard.
 * @returns The shards; none is empty.
 */
export function shardsOf(
  parameters: Parameters,
  { dtype, shardBytes }: Pick<ShardOptions, "dtype" | "shardBytes">,
): readonly Parameters[] {
  const shards: (readonly [string, Initial])[][] = [];
  let room = 0;
  for (const entry of parameters) {
    const bytes = size(entry[1], dtype);
    if (bytes > room) {
      shards.push([]);
      room = shardBytes;
    }
    shards.at(-1)?.push(entry);
    room -= bytes;
  }
  return shards;
}

/** Bytes of the stretch by deviation or constant. */
function stretches(dtype: ShardOptions["dtype"]): (fill: Initial["fill"]) => Uint8Array {
  const noise = normals(keyFromSeed(1), STRETCH);
  const made = new Map<string, Uint8Array>();
  return (fill) => {
    const name = JSON.stringify(fill);
    const data = made.has(name)
      ? undefined
      : "constant" in fill
      ? new Float32Array(STRETCH).fill(fill.constant)
      : noise.map((value) => value * fill.normal);
    if (data !== undefined) made.set(name, toBytes({ dtype, shape: [STRETCH], data }));
    return made.get(name) as Uint8Array;
  };
}

function writeTensor(writer: BlobWriter, bytes: Uint8Array, total: number): Checked<void> {
  for (let done = 0; done < total; done += bytes.byteLength) {
    const written = writer.append(bytes.subarray(0, Math.min(bytes.byteLength, total - done)));
    if (E.isLeft(written)) return written;
  }
  return E.right(undefined);
}

/**
 * Writes random weights and their index; one stretch of numbers is all that is ever in memory.
 *
 * @param parameters Published name, shape and distribution.
 * @param options Where to, dtype, shards.
 * @returns Files and bytes. Left with what the disk answered.
 */
export async function writeRandomWeights(
  parameters: ReadonlyMap<string, Initial>,
  options: ShardOptions,
): Promise<Checked<Written>> {
  const { blobs, folder, dtype } = options;
  const stretch = stretches(dtype);
  const shards = shardsOf([...parameters], options);
  const count = String(shards.length).padStart(5, "0");
  const index: Record<string, string> = {};
  let bytes = 0;
  for (const [place, shard] of shards.entries()) {
    const file = `model-${String(place + 1).padStart(5, "0")}-of-${count}.safetensors`;
    const layout = layoutSafetensors(
      new Map(shard.map(([name, { shape }]): [string, TensorInfo] => [name, { dtype, shape }])),
      { format: "pt" },
    );
    const writer = await blobs.create(`${folder}/${file}`)();
    if (E.isLeft(writer)) return writer;
    const entries = new Map(shard);
    let state = writer.right.append(layout.head);
    for (const name of layout.order) {
      const entry = entries.get(name) as Initial;
      if (E.isRight(state)) state = writeTensor(writer.right, stretch(entry.fill), size(entry, dtype));
      index[name] = file;
    }
    state = E.isRight(state) ? writer.right.commit() : state;
    writer.right.abandon();
    if (E.isLeft(state)) return state;
    bytes += layout.size;
  }
  return await writeIndex(index, { ...options, files: shards.length, bytes });
}

async function writeIndex(
  weightMap: Readonly<Record<string, string>>,
  { blobs, folder, files, bytes }: ShardOptions & Written,
): Promise<Checked<Written>> {
  const writer = await blobs.create(`${folder}/model.safetensors.index.json`)();
  if (E.isLeft(writer)) return writer;
  const text = JSON.stringify({ metadata: { total_size: bytes }, weight_map: weightMap });
  const written = writer.right.append(new TextEncoder().encode(text));
  const done = E.isRight(written) ? writer.right.commit() : written;
  writer.right.abandon();
  return E.isRight(done) ? E.right({ files, bytes }) : done;
}
