/**
 * All cases of a folder of the Show-o layout.
 *
 * @module
 */
import type { HasFiles } from "../../../lib/core/capability.ts";
import type { Stage } from "../../../lib/core/stage.ts";
import { showoModel } from "../../../lib/showo/model.ts";
import { disposeTree } from "../../../lib/tensor/tree.ts";
import type { HasBlobs } from "../../../lib/tensor/weight_source.ts";
import type { Check } from "../check.ts";
import { fileExists } from "../fixture.ts";
import { procedure } from "../procedure.ts";
import { guidanceChecks, textChecks } from "./generation_cases.ts";
import { lfqChecks, magvitDecoderChecks, magvitEncoderChecks } from "./magvit_cases.ts";
import { maskingChecks, scheduleChecks, sequenceChecks } from "./prompt_cases.ts";
import { readMagvit, readShowoFixture, readShowoPolicy } from "./showo_fixture.ts";
import { traceChecks, traceStepChecks } from "./trace_cases.ts";
import { conceptRowChecks, forwardChecks, gradientChecks, lossChecks } from "./transformer_cases.ts";
import { visibilityChecks } from "./visibility_cases.ts";

/**
 * Compares the unified model and the image tokenizer of a folder with its reference.
 *
 * @param folder A folder with `config.json`, `model.safetensors`, `cases.json`, `cases.safetensors`; `magvit.*` may be missing.
 */
export function showoCases(folder: string): Stage<HasFiles & HasBlobs, readonly Check[]> {
  return procedure("showo cases", async (run) => {
    const fixture = await run(readShowoFixture(folder));
    const policy = await run(readShowoPolicy(folder, fixture.config));
    const hasTokenizer = await run(fileExists(`${folder}/magvit.safetensors`));
    const magvit = hasTokenizer ? await run(readMagvit(folder)) : undefined;
    const whole = { ...fixture, policy, model: showoModel(fixture.config) };
    try {
      return [
        ...[maskingChecks, sequenceChecks, visibilityChecks, scheduleChecks].flatMap((checks) =>
          checks(fixture)
        ),
        ...[forwardChecks, lossChecks, gradientChecks, conceptRowChecks].flatMap((checks) => checks(whole)),
        ...guidanceChecks(whole),
        ...traceChecks(fixture),
        ...traceStepChecks(whole),
        ...textChecks(whole),
        ...(magvit === undefined ? [] : magvitEncoderChecks(fixture, magvit)),
        ...(magvit === undefined ? [] : magvitDecoderChecks(fixture, magvit)),
        ...lfqChecks(fixture),
      ];
    } finally {
      disposeTree([policy, magvit?.weights ?? []]);
    }
  });
}
