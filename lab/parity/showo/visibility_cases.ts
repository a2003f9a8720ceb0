/**
 * Who sees whom, against the reference.
 *
 * @module
 */
import { causalVisibility, maskTensor, mmuVisibility, t2iVisibility } from "../../../lib/showo/mask.ts";
import { type Check, compareExactly } from "../check.ts";
import { inScope } from "../procedure.ts";
import { bitsOf, type ShowoFixture } from "./showo_fixture.ts";

type Kind = "t2i" | "lm" | "mmu";

const visibility =
  ({ config: { vocabulary } }: ShowoFixture, kind: Kind) => (ids: readonly number[]): Uint8Array => {
    if (kind === "lm") return causalVisibility(ids.length);
    return kind === "t2i" ? t2iVisibility(vocabulary, ids) : mmuVisibility(vocabulary, ids);
  };

const check = (name: string, found: readonly Uint8Array[], expected: ArrayLike<number>): Check =>
  compareExactly(found.flatMap((rows) => [...rows]), expected, {
    name: `showo ${name}`,
    quantity: "visible",
  });

function forwardCheck(fixture: ShowoFixture): readonly Check[] {
  if (fixture.cases.forward === undefined) return [];
  const { ids, visible, batch_size_t2i: t2i, batch_size_lm: lm } = fixture.cases.forward;
  const kindOf = (row: number): Kind => row < t2i ? "t2i" : row < t2i + lm ? "lm" : "mmu";
  const found = ids.map((row, index) => visibility(fixture, kindOf(index))(row));
  return [check("forward", found, Array.from(fixture.arrays.numbers(visible)))];
}

function additiveCheck({ cases }: ShowoFixture): readonly Check[] {
  if (cases.mask_additive_value === undefined) return [];
  const found = inScope(() => maskTensor([Uint8Array.of(1, 0, 0, 1)]).dataSync());
  const hidden = Math.fround(cases.mask_additive_value);
  return [compareExactly(found, [0, hidden, hidden, 0], { name: "showo masks", quantity: "additive value" })];
}

/** Compares visibility matrices: those listed, of the mixed batch, of guided generation, of recorded runs. */
export function visibilityChecks(fixture: ShowoFixture): readonly Check[] {
  const { masks = [], cfg = [], cfg_mask_visible, traces = [], mmu_generate = [] } = fixture.cases;
  const t2i = visibility(fixture, "t2i");
  const stacked = [...cfg[0]?.cond_ids ?? [], ...cfg[0]?.uncond_ids ?? []];
  return [
    ...masks.map(({ kind, ids, visible }, index) =>
      check(`mask ${index} ${kind}`, ids.map(visibility(fixture, kind)), bitsOf(visible.flat()))
    ),
    ...forwardCheck(fixture),
    ...cfg_mask_visible === undefined
      ? []
      : [check("cfg", stacked.map(t2i), bitsOf(cfg_mask_visible.flat()))],
    ...traces.map(({ name, initial_ids, uncond_ids, mask_visible }) =>
      check(`trace ${name}`, [...initial_ids, ...uncond_ids ?? []].map(t2i), bitsOf(mask_visible.flat()))
    ),
    ...mmu_generate.map(({ name, prompt_ids, generated, last_step_visible }) => {
      const fed = [...prompt_ids, ...generated.slice(0, -1)];
      return check(`mmu_generate ${name}`, [visibility(fixture, "mmu")(fed)], bitsOf(last_step_visible));
    }),
    ...additiveCheck(fixture),
  ];
}
