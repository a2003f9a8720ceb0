import type { FloatArrays } from "../../../lib/experts/shared/parameters.ts";
import { liveBlobs } from "../../../lib/run/blobs.ts";
import { liveFiles } from "../../../lib/run/live.ts";
import { openBackend } from "../../../lib/tensor/backend.ts";
import { encodeSafetensors } from "../../../lib/tensor/containers/safetensors.ts";
import { useTestBackend } from "../../support/backend.ts";

/**
 * Opens the test backend; on TensorFlow with recorded graphs in the place of XLA, which would compile each of the many
 * shapes for half a second.
 */
export async function useGraphBackend(): Promise<void> {
  if (await useTestBackend() !== "tensorflow") return;
  const log = { info: () => {}, warn: (line: string) => console.warn(line), progress: () => {} };
  await openBackend({ device: "tensorflow", compile: "graph" })({ log })();
}

/** The disk, as loaders see it. */
export const disk = { files: liveFiles(), blobs: liveBlobs };

/**
 * Writes a model folder, uses it and removes it.
 *
 * @param files Text files by name; objects are written as JSON.
 * @param weights The content of `model.safetensors`.
 * @param use Gets the folder.
 * @returns What `use` returned.
 */
export async function withModelFolder<A>(
  files: Readonly<Record<string, unknown>>,
  weights: FloatArrays,
  use: (folder: string) => Promise<A>,
): Promise<A> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(files)) {
      await Deno.writeTextFile(
        `${folder}/${name}`,
        typeof content === "string" ? content : JSON.stringify(content),
      );
    }
    await Deno.writeFile(`${folder}/model.safetensors`, encodeSafetensors(weights));
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
