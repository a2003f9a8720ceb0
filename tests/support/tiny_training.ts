/** A training that is over in seconds, as files: for tests of commands that train. */
import { join } from "node:path";
import { useTestBackend } from "./backend.ts";
import { ROOT } from "./command.ts";
import { writeTinyConfig, writeTinyProfile } from "./tiny_profile.ts";

/** Every update saved, the text expert alone, no screening: the same bits on every machine. */
const TRAINING = {
  device: "wasm",
  save_every: 1,
  dsog: { enabled: false },
  rewards: Object.fromEntries(
    ["ber", "der", "fer"].map((name) => [name, { human: 0, animal: 0, object: 0 }]),
  ),
} as const;

/**
 * Writes a profile with the bundled text expert, and `config.yaml` that trains on it.
 *
 * @param folder A folder inside the project, relative to it.
 * @param changes YAML keys of the settings, e.g. `rl`.
 */
export async function writeTinyTraining(
  folder: string,
  changes: Readonly<Record<string, unknown>>,
): Promise<void> {
  await useTestBackend("wasm");
  const profile = join(folder, "profile");
  await writeTinyProfile(join(ROOT, profile), { ernie: join(ROOT, "assets/nano/ernie") });
  await writeTinyConfig(join(ROOT, folder, "config.yaml"), { ...TRAINING, profile, ...changes });
}
