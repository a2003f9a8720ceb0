/**
 * Runs on disk: folders, logs, the live status, lists and comparisons; the capabilities of a real computer.
 *
 * @module
 */
export { type Live, liveCapabilities } from "./live.ts";
export { liveBlobs } from "./blobs.ts";
export { resolveRun, type RunFolder } from "./folder.ts";
export { type RunConfig, type RunPlaces, startRun } from "./session.ts";
export { openTracker, type Tracker, type TrackerOptions } from "./tracker.ts";
export { type Metrics, type MetricsRow, readMetrics } from "./metrics_log.ts";
export { showStatus, statusBlock, type TrainingStatus } from "./status.ts";
export { openRegistry, type Registry } from "./registry.ts";
export { type RunSummary, summariseRuns } from "./run_summary.ts";
