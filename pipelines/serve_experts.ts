/**
 * `deno task serve-experts`: the reward experts of a profile behind a URL, for runs on other machines.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { field, type SectionValue } from "../lib/config/field.ts";
import type { Frozen } from "../lib/config/load.ts";
import { messageOf, type PipelineError } from "../lib/core/error.ts";
import type { Stage } from "../lib/core/stage.ts";
import { TRAINING, trainingRules } from "../lib/method/settings.ts";
import type { TrainingSettings } from "../lib/method/settings_types.ts";
import { runCommand } from "../lib/run/command.ts";
import type { Live } from "../lib/run/live.ts";

const LOCAL = "127.0.0.1";
const SHORTEST_TOKEN = 16;

const OPTIONS = {
  host: field.choice([LOCAL, "0.0.0.0"], {
    default: LOCAL,
    doc: "Who may ask: this computer, or (0.0.0.0, with a token) the whole network, unencrypted.",
  }),
  port: field.int({ default: 8900, min: 0, max: 65535, doc: "Port; 0 takes a free one." }),
  tokenVariable: field.text({
    default: "EXPERTS_TOKEN",
    doc: "Environment variable with the word that requests must bring, 16 characters or more.",
  }),
};

type Options = Frozen<SectionValue<typeof OPTIONS>>;

const refusal = (problem: string, remedy: string): Stage<unknown, never> =>
  RTE.left<unknown, PipelineError>({ _tag: "InputInvalid", where: "serve-experts", problem, remedy });

/** Listens until Ctrl-C. */
const listen = (
  { host, port }: Options,
  fetch: (request: Request) => Response | Promise<Response>,
  names: readonly string[],
): Stage<Live, void> =>
({ output }) =>
async () => {
  try {
    const server = Deno.serve({ hostname: host, port, onListen: () => {} }, fetch);
    names.forEach((name) => output(`${name}: http://${host}:${server.addr.port}/${name}`));
    await server.finished;
    return { _tag: "Right", right: undefined };
  } catch (thrown) {
    return refusal(`port ${port}: ${messageOf(thrown)}`, "choose another --port, or 0 for a free one")({})();
  }
};

async function serve(settings: TrainingSettings, options: Options): Promise<Stage<Live, void>> {
  const token = Deno.env.get(options.tokenVariable) ?? "";
  if (token !== "" && token.length < SHORTEST_TOKEN) {
    return refusal(`${options.tokenVariable} is too short`, `use ${SHORTEST_TOKEN} characters or more`);
  }
  if (token === "" && options.host !== LOCAL) {
    return refusal(
      `--host ${options.host} lets the network in`,
      `put a word of ${SHORTEST_TOKEN} characters or more into ${options.tokenVariable}`,
    );
  }
  const { liveBlobs } = await import("../lib/run/blobs.ts");
  const { openBackend } = await import("../lib/tensor/backend.ts");
  const { prepareTensorFlow } = await import("../lib/tensor/tensorflow/setup/install.ts");
  const { loadProfile } = await import("../lib/method/profile.ts");
  const { expertsApp, loadServed } = await import("../lib/remote/serve.ts");
  const { device, precision } = settings;
  const stage = pipe(
    loadProfile(settings.profile),
    RTE.bindTo("profile"),
    RTE.tap(() => prepareTensorFlow({ device })),
    RTE.tap(() => openBackend({ device, precision })),
    RTE.bindW("experts", ({ profile }) => loadServed(profile, settings)),
    RTE.flatMap(({ experts }): Stage<Live, void> => (live) => {
      const app = expertsApp({ experts, needs: live, token });
      return listen(options, (request) => app.fetch(request), experts.map(({ name }) => name))(live);
    }),
  );
  return (live) => stage({ ...live, blobs: liveBlobs });
}

if (import.meta.main) {
  await runCommand({
    name: "serve-experts",
    summary: "serve the reward experts of a profile, so that one machine can score for many",
    positionals: [{
      name: "config",
      place: "read" as const,
      doc:
        "Settings, for profile, rewards, dsog and device; those of the runs that ask (default configs/nano.yaml).",
      default: "configs/nano.yaml",
    }],
    options: OPTIONS,
    config: { schema: TRAINING, crossRules: trainingRules, from: "config" },
  }, ({ config, options }) => serve(config as TrainingSettings, options));
}
