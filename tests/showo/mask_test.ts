import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as mask from "../../lib/showo/mask.ts";
import { readJson } from "../support/fixture.ts";
import { useTestBackend } from "../support/backend.ts";
import { arrays, bits, cases, vocabulary } from "./fixture_model.ts";

await useTestBackend();

describe("visibility matrices", () => {
  cases.masks.forEach(({ kind, ids, visible }, index) => {
    it(`equal the reference: ${index} ${kind}`, () => {
      ids.forEach((row, b) => {
        const found = kind === "t2i"
          ? mask.t2iVisibility(vocabulary, row)
          : kind === "lm"
          ? mask.causalVisibility(row.length)
          : mask.mmuVisibility(vocabulary, row);
        assert.deepEqual([...found], bits(visible[b] as string[]));
      });
    });
  });

  it("equal the reference for guided generation and for the forward batch", () => {
    const [trace] = cases.traces;
    const rows = [...trace?.initial_ids ?? [], ...trace?.uncond_ids ?? []];
    assert.deepEqual(
      rows.map((ids) => [...mask.t2iVisibility(vocabulary, ids)]),
      trace?.mask_visible.map(bits),
    );
    const { ids } = cases.forward;
    const all = ids.flatMap((row, b) => [
      ...(b < 2
        ? mask.t2iVisibility(vocabulary, row)
        : b === 2
        ? mask.causalVisibility(row.length)
        : mask.mmuVisibility(vocabulary, row)),
    ]);
    assert.deepEqual(all, [...arrays.get("forward.visible")?.data as Uint8Array]);
  });

  it("are causal without a picture", () => {
    assert.deepEqual(mask.mmuVisibility(vocabulary, [66, 55, 3]), mask.causalVisibility(3));
    assert.deepEqual(mask.t2iVisibility(vocabulary, [65, 55, 3]), mask.causalVisibility(3));
  });
});

describe("maskTensor()", () => {
  it("adds nothing to what is visible and the published number to the rest", () => {
    const hidden = readJson<{ mask_additive_value: number }>("showo/cases.json").mask_additive_value;
    const tensor = mask.maskTensor([mask.causalVisibility(2), Uint8Array.of(1, 1, 1, 1)]);
    assert.deepEqual(tensor.shape, [2, 1, 2, 2]);
    assert.deepEqual([...tensor.dataSync()], [0, hidden, 0, 0, 0, 0, 0, 0]);
    tensor.dispose();
  });
});
