/**
 * Writes one event file of every kind of value, for `read_events.py`: `write_events.ts <folder>`.
 *
 * @module
 */
import { solidImage } from "../../lib/image/image.ts";
import { liveCapabilities } from "../../lib/run/live.ts";
import { encodePng } from "../../lib/image/png.ts";
import { imageValue, openEventFile, scalarValue, textValue } from "../../lib/run/tensorboard.ts";
import { right } from "./outcome.ts";

const live = liveCapabilities();
const folder = Deno.args[0] ?? ".";
const file = right(
  await openEventFile(folder, {
    firstStep: 1,
    parameters: { learning_rate: 1e-4, dsog: { rule: "paper" }, resume: false, max_kl: null },
    metrics: ["reward"],
  })(live)(),
);
for (const step of [1, 2, 300]) {
  right(
    await file.write(step, [scalarValue("reward", step / 4), scalarValue("rewards/clip/mean", -step)])(
      live,
    )(),
  );
}
const png = encodePng(solidImage(5, 3, [255, 0, 0]));
right(
  await file.write(300, [imageValue("samples", png), textValue("prompts", "a **photo** of <mochi> ü")])(
    live,
  )(),
);
