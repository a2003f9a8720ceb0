/**
 * The native backend for tests of the engine room.
 *
 * @module
 */
import type { Native } from "../../lib/tensor/tensorflow/native.ts";
import { activeNative } from "../../lib/tensor/tensorflow/native.ts";
import { useTestBackend } from "./backend.ts";

/**
 * Opens the native backend where its library is found.
 *
 * @returns The backend, or `null`: then the tests that need it are skipped.
 */
export async function nativeForTest(): Promise<Native | null> {
  await useTestBackend();
  return activeNative();
}
