import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { loadConfig } from "../../../lib/config/load.ts";
import { PRETRAINING } from "../../../lab/pretrain/config.ts";
import { liveFiles } from "../../../lib/run/live.ts";
import { right } from "../../cold_start/tiny.ts";

const load = async (path: string) => right(await loadConfig(PRETRAINING, { path })({ files: liveFiles() })());

describe("the settings of --quick", () => {
  it("differ from the full ones in the name, in numbers of updates and in the pool of pictures only", async () => {
    const [full, quick] = [
      await load("configs/pretrain-nano.yaml"),
      await load("configs/pretrain-quick.yaml"),
    ];
    const differing = Object.entries(quick).flatMap(([part, section]) =>
      typeof section !== "object"
        ? (section === full[part as keyof typeof full] ? [] : [part])
        : Object.entries(section)
          .filter(([key, value]) =>
            JSON.stringify(value) !==
              JSON.stringify((full[part as keyof typeof full] as Record<string, unknown>)[key])
          )
          .map(([key]) => `${part}.${key}`)
    );
    assert.ok(differing.every((key) => key === "name" || key.endsWith(".steps") || key === "unified.scenes"));
    const steps = differing.filter((key) => key.endsWith(".steps"));
    assert.equal(steps.length, 11);
    for (const key of steps) {
      const part = key.split(".")[0] as "unified";
      assert.ok(quick[part].steps < full[part].steps, key);
    }
  });
});
