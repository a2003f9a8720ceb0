/**
 * The systems that can be evaluated by name: our backbone told in words, and anything behind a server.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Concept } from "../concept/concept.ts";
import { loadConceptImage } from "../concept/photo.ts";
import { refuse } from "../core/refuse.ts";
import type { Checked, Stage } from "../core/stage.ts";
import { openAddress } from "../metrics/judge/secrets.ts";
import type { Assistant } from "../trained/assistant.ts";
import { localAssistant } from "../trained/local_assistant.ts";
import type { Profile } from "../method/profile.ts";
import { loadRuntime } from "../method/runtime.ts";
import type { TrainingSettings } from "../method/settings.ts";
import { endpointAssistant, type EndpointConfig, type Introduction } from "./endpoint.ts";
import type { HasEvaluation, OpenAssistant } from "./session.ts";
import type { EvaluationSettings } from "./settings.ts";
import { textPrompted } from "./text_prompted.ts";

/**
 * Our backbone without any training on the concept, introduced in words: the row "Show-o+TP".
 *
 * @param profile Where the model lies.
 * @param settings Decoding of answers and pictures.
 * @param template The introduction, as in {@link textPrompted}.
 * @returns Opens the model for a concept.
 */
export function textPromptedBackbone(
  profile: Profile,
  settings: TrainingSettings,
  template: string,
): (concept: Concept) => Stage<HasEvaluation, OpenAssistant> {
  const { semanticTokens, generationTokens, mentions } = settings;
  return (concept) =>
    pipe(
      loadRuntime(profile, { token: concept.token, semanticTokens, generationTokens, mentions }),
      RTE.map((runtime): OpenAssistant => {
        const policy = { base: runtime.base, rows: runtime.startRows, lora: undefined };
        const assistant = textPrompted(localAssistant(runtime, policy, settings), concept, { template });
        return { assistant, dispose: runtime.dispose };
      }),
    );
}

/** An address and a name on it. */
export interface EndpointAddress {
  /** Up to and without `/chat/completions`. */
  readonly baseUrl: string;
  readonly model: string;
}

/**
 * Fills in the server of an external system.
 *
 * @param address Address and model.
 * @param settings Bounds.
 * @param variable Reads an environment variable.
 * @returns The configuration; Left `InputInvalid` without a model.
 */
export function endpointConfig(
  address: EndpointAddress,
  settings: EvaluationSettings["endpoint"],
  variable: (name: string) => string | undefined,
): Checked<EndpointConfig> {
  if (address.model === "") {
    return refuse("--endpoint", "no model is named", "add --model with its name on the server");
  }
  const { concurrency, requestsPerMinute, retries, timeoutSeconds, maxTokens, size, keyVariable } = settings;
  return pipe(
    openAddress(address.baseUrl, "--endpoint"),
    E.map(() => ({
      ...address,
      apiKey: variable(keyVariable) ?? null,
      ...{ concurrency, requestsPerMinute, retries, maxTokens, size },
      timeoutMs: timeoutSeconds * 1000,
    })),
  );
}

/** Side of the photos that introduce a concept, pixels. */
const PHOTO_SIDE = 512;

const introduce = (
  concept: Concept,
  { prompt, references, pictures, style }: EvaluationSettings["endpoint"],
): Stage<HasEvaluation, Introduction> =>
  prompt === "text" ? RTE.right({ by: "text" }) : pipe(
    concept.trainImages.slice(0, references),
    RTE.traverseSeqArray((path) => loadConceptImage(path, PHOTO_SIDE)),
    RTE.map((photos): Introduction => ({ by: "images", photos, pictures, style })),
  );

/**
 * A system behind an OpenAI-compatible server.
 *
 * @param settings How the concept is introduced.
 * @returns Opens the system for a concept.
 */
export function endpointSystem(
  config: EndpointConfig,
  settings: EvaluationSettings["endpoint"],
): (concept: Concept) => Stage<HasEvaluation, OpenAssistant> {
  return (concept) => (needs) =>
    pipe(
      introduce(concept, settings),
      RTE.map((introduction): OpenAssistant => {
        const { answer, draw } = endpointAssistant(config, concept, introduction);
        const assistant: Assistant = {
          answer: (asks) => () => answer(asks)(needs),
          draw: (draws) => () => draw(draws)(needs),
        };
        return { assistant, dispose: () => {} };
      }),
    )(needs);
}
