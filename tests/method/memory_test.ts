import { describe, it } from "@std/testing/bdd";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import assert from "node:assert/strict";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { runFolder } from "../../lib/run/folder.ts";
import type { MetricsRow } from "../../lib/run/metrics_log.ts";
import { disposeState } from "../../lib/method/policy.ts";
import { trainPolicy } from "../../lib/training/run_training.ts";
import { useTestBackend } from "../support/backend.ts";
import { tinyWorld } from "../cold_start/tiny.ts";
import {
  brightness,
  freshState,
  plainExpert,
  right,
  runContextOf,
  runtimeFor,
  smallSettings,
} from "./tiny_run.ts";

await useTestBackend("wasm");
const UPDATES = 200;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What the process holds when no garbage is left, MiB. */
const held = (): number => {
  collectGarbage();
  return Deno.memoryUsage().rss / 2 ** 20;
};

describe("memory", () => {
  it(`is level over ${UPDATES} updates: as many tensors, no more resident memory`, async () => {
    const settings = smallSettings({
      generation: { timesteps: 2 },
      reasoning: { max_new_tokens: 2, mix: 0 },
      dsog: { enabled: false, preview_step: 1 },
      rl: { num_generations: 2, microbatch: 2, timesteps_per_update: 1, max_steps: UPDATES },
    });
    const runtime = runtimeFor(settings);
    const rows: MetricsRow[] = [];
    const resident = new Map<number, number>();
    const run = {
      ...await runContextOf(runtime, settings, [plainExpert("ber", brightness)]),
      folder: runFolder("run"),
      configHash: "hash",
      tracker: {
        step: (row: MetricsRow) =>
          RTE.fromIO(() => {
            rows.push(row);
            if (row.step % 50 === 0) resident.set(row.step, held());
          }),
        evaluation: () => RTE.right(undefined),
      },
    };
    disposeState(right(await trainPolicy(run, freshState(runtime, settings))(tinyWorld())()));
    runtime.dispose();
    assert.equal(rows.length, UPDATES);
    assert.equal(new Set(rows.map(({ metrics }) => metrics["tensors/count"])).size, 1);
    assert.ok(rows.every(({ metrics }) => (metrics["memory/rss_mib"] as number) > 0));
    const [early, late] = [resident.get(50) as number, resident.get(UPDATES) as number];
    assert.ok(late - early < 64, `${early} MiB after 50 updates, ${late} MiB after ${UPDATES}`);
  });
});
