/**
 * Serving reward experts to other machines: a function from requests to answers; it listens nowhere.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bearerAuth } from "hono/bearer-auth";
import { bodyLimit } from "hono/body-limit";
import type { NonNegative } from "../config/numbers.ts";
import type { HasFiles } from "../core/capability.ts";
import { describe } from "../core/error.ts";
import { refuse } from "../core/refuse.ts";
import type { Checked, Stage } from "../core/stage.ts";
import type { Profile } from "../method/profile.ts";
import { loadExperts } from "../method/rewarding.ts";
import type { TrainingSettings } from "../method/settings.ts";
import type { RewardsSettings } from "../method/settings_types.ts";
import type { RewardExpert } from "../rewards/expert.ts";
import type { HasBlobs } from "../tensor/weight_source.ts";
import { photoMemory, PROTOCOL, readRequest, replyBody } from "./wire.ts";

/** What is served, and to whom. */
export interface ServedExperts<R> {
  /** Each under its name, `POST /tier`. */
  readonly experts: readonly RewardExpert<R>[];
  readonly needs: R;
  /** Requests must bring it as a bearer token; empty: nobody is asked for one. */
  readonly token: string;
}

const NOTHING = { human: 0, animal: 0, object: 0 } as unknown as RewardsSettings["ber"];

/**
 * Loads every expert that a profile has, whatever the weights of the settings are.
 *
 * @param settings Those of the runs that ask: they say how experts compare.
 * @returns A stage with the experts; Left `InputInvalid` if the profile has none. They stay loaded.
 */
export function loadServed(
  profile: Profile,
  { rewards, dsog }: Pick<TrainingSettings, "rewards" | "dsog">,
): Stage<HasFiles & HasBlobs, readonly RewardExpert[]> {
  const unweighted = { tier: 0 as NonNegative, ber: NOTHING, der: NOTHING, fer: NOTHING, remote: {} };
  const all = { rewards: { ...rewards, ...unweighted }, dsog: { ...dsog, enabled: false } };
  return pipe(
    loadExperts(profile, all, { category: "human" }),
    RTE.flatMapEither(({ experts }): Checked<readonly RewardExpert[]> =>
      experts.length === 0
        ? refuse("profile", "names no folder of an expert", "name one that does with --set profile=…")
        : E.right(experts)
    ),
  );
}

/** Large enough for 64 pictures of 512 × 512 and the photos of a concept. */
const LARGEST_REQUEST = 256 * 2 ** 20;

const refused = (context: Context, status: 400 | 404 | 413 | 415 | 500, error: string): Response =>
  context.json({ error }, status);

const allowed = (token: string): MiddlewareHandler =>
  token === "" ? (_, next) => next() : bearerAuth({ token });

/** Runs one after the other what shares a backend. */
function oneAtATime(): <A>(run: () => Promise<A>) => Promise<A> {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const next = last.then(run);
    last = next.catch(() => {});
    return next;
  };
}

/**
 * Makes the server of experts.
 *
 * `GET /` lists them; `POST /<name>` scores rows. Requests are answered one after the other. A page in a browser cannot ask: it
 * may not send JSON to another address.
 *
 * @returns The application; status 400 for a request that is not as the protocol has it, 401 without the token, 404 for an expert
 * that there is not, 413 for too much at once, 415 for anything but JSON, 500 where an expert fails, each with `error` in one line.
 */
export function expertsApp<R>({ experts, needs, token }: ServedExperts<R>): Hono {
  const app = new Hono();
  const photos = photoMemory();
  const turn = oneAtATime();
  const names = experts.map(({ name }) => name);
  app.use(allowed(token));
  app.use(bodyLimit({
    maxSize: LARGEST_REQUEST,
    onError: (context) => refused(context, 413, "the request is larger than 256 MiB"),
  }));
  app.get("/", (context) => context.json({ protocol: PROTOCOL, experts: names }));
  app.post("/:name", async (context) => {
    const expert = experts.find(({ name }) => name === context.req.param("name"));
    if (expert === undefined) return refused(context, 404, `the experts here are ${names.join(", ")}`);
    if (!context.req.header("content-type")?.startsWith("application/json")) {
      return refused(context, 415, "send application/json");
    }
    const rows = readRequest(await context.req.text(), photos);
    if (E.isLeft(rows)) return refused(context, 400, `the request ${rows.left}`);
    if (rows.right.length === 0) return context.body(replyBody(new Float32Array()), 200, JSON_TYPE);
    const scores = await turn(() => expert.score(rows.right)(needs)());
    return E.isLeft(scores)
      ? refused(context, 500, describe(scores.left))
      : context.body(replyBody(scores.right), 200, JSON_TYPE);
  });
  app.onError((error, context) =>
    "getResponse" in error ? error.getResponse() : refused(context, 500, error.message)
  );
  return app;
}

const JSON_TYPE = { "content-type": "application/json" };
