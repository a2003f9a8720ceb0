/**
 * Backends, and where weights are read from.
 *
 * @module
 */
export {
  type Backend,
  type BackendName,
  type BackendOptions,
  describeBackend,
  openBackend,
  type Rejection,
} from "./backend.ts";
export { type Blobs, type HasBlobs } from "./weight_source.ts";
