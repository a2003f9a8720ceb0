/**
 * A reward expert behind a URL: asks, asks again, waits for a server that is away.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as RA from "fp-ts/lib/ReadonlyArray.js";
import type { Task } from "fp-ts/lib/Task.js";
import type { HasClock, HasInterrupt, HasLog } from "../core/capability.ts";
import { BEGIN_ANEW, type PipelineError } from "../core/error.ts";
import { iterate, type Stage } from "../core/stage.ts";
import type { RemoteRewardSettings } from "../method/settings_types.ts";
import { readRefusal } from "../metrics/judge/chat_format.ts";
import { authorization } from "../metrics/judge/exchange.ts";
import type { HasNetwork, PostReply } from "../metrics/judge/network.ts";
import { pauseMs } from "../metrics/judge/retry.ts";
import type { RewardExpert, RewardRow } from "../rewards/expert.ts";
import { readScores, requestBody } from "./wire.ts";

/** What asking a server needs. */
export type HasRemote = HasNetwork & HasLog & HasClock & HasInterrupt;

/** An expert behind a URL, and how to find out whether it is there. */
export interface RemoteExpert extends RewardExpert<HasRemote> {
  /** Sends no rows; treats a server that is away as scoring does. */
  readonly probe: Stage<HasRemote, void>;
}

/** What a reply means: scores; nobody there for now; or a server that will never do. */
type Verdict =
  | { readonly _tag: "Scored"; readonly scores: Float32Array }
  | { readonly _tag: "Away"; readonly problem: string; readonly retryAfterMs: number | null }
  | { readonly _tag: "Broken"; readonly problem: string; readonly again: boolean };

/** Statuses of a server, or of a proxy before it, that is busy, starting or gone. */
const AWAY: readonly number[] = [408, 425, 429, 502, 503, 504];

const REMEDIES: Readonly<Record<number, string>> = {
  401: "; the server wants a token: name its variable in token_variable",
  403: "; the server refuses the token",
  404: "; the server has no expert at this address",
  413: "; a smaller batch_size makes smaller requests",
};

/** What a server says to a refusal; a web page says nothing. */
function refusal(body: string): string {
  const said = readRefusal(body);
  return said === "" || said.startsWith("<") ? "" : `: ${said}`;
}

/**
 * Judges a reply.
 *
 * @param rows How many rows were sent.
 * @returns Scores; `Away` for no answer and the statuses of a busy or absent server; `Broken` for everything that asking again
 * does not mend. Only status 500 is worth another attempt.
 */
export function verdictOn(reply: PostReply, rows: number): Verdict {
  if (reply._tag === "NoAnswer") return { _tag: "Away", problem: reply.problem, retryAfterMs: null };
  const { status, body, retryAfterMs } = reply;
  const told = `status ${status}${refusal(body)}`;
  if (AWAY.includes(status)) return { _tag: "Away", problem: told, retryAfterMs };
  if (status !== 200) {
    return { _tag: "Broken", problem: `${told}${REMEDIES[status] ?? ""}`, again: status === 500 };
  }
  const read = readScores(body, rows);
  return E.isRight(read)
    ? { _tag: "Scored", scores: read.right }
    : { _tag: "Broken", problem: `the reply ${read.left}`, again: false };
}

/** How often a wish to stop is looked for, and how long a request may go on after it, milliseconds. */
const LOOK = 250, GRACE = 5000;
const LONGEST_PAUSE = 10_000;

const INTERRUPTED: PipelineError = { _tag: "Interrupted", step: 0, next: BEGIN_ANEW };

/** A request; `null` where Ctrl-C was pressed and the answer does not come soon. */
const unlessInterrupted =
  (post: Task<PostReply>, { network, interrupt }: HasRemote): Task<PostReply | null> => async () => {
    let answered = false;
    const watch = async (): Promise<null> => {
      let left = GRACE;
      while (!answered && left > 0) {
        await network.wait(LOOK)();
        if (interrupt.requested()) left -= LOOK;
      }
      return null;
    };
    const first = await Promise.race([post(), watch()]);
    answered = true;
    return first;
  };

/** A pause that Ctrl-C ends. */
const pause = (milliseconds: number): Stage<HasRemote, void> => ({ network, interrupt }) => async () => {
  for (let left = milliseconds; left > 0 && !interrupt.requested(); left -= LOOK) {
    await network.wait(Math.min(LOOK, left))();
  }
  return interrupt.requested() ? E.left(INTERRUPTED) : E.right(undefined);
};

type Asking = { readonly _tag: "Asking"; readonly attempt: number };
type Asked = Asking | Extract<Verdict, { readonly _tag: "Scored" }>;

interface Server extends RemoteRewardSettings {
  readonly name: string;
  readonly token: string | null;
  /** Host and port: all that may be printed of the address. */
  readonly origin: string;
  /** When it was found to be away, in milliseconds; `null` while it is there. */
  away: number | null;
}

const failed = ({ name, origin }: Server, problem: string): PipelineError => ({
  _tag: "RewardFailed",
  expert: name,
  problem: `${origin}: ${problem}`,
});

const minutes = (milliseconds: number): string =>
  milliseconds < 90_000 ? `${Math.round(milliseconds / 1000)} s` : `${Math.round(milliseconds / 60_000)} min`;

/** Says once that a server is away, and once that it is back. */
const tell = (server: Server, problem: string | null): Stage<HasRemote, void> => ({ log, clock }) => () => {
  const { name, origin, onFailure } = server;
  if (problem !== null && server.away === null) {
    server.away = clock.now();
    const then = onFailure === "wait"
      ? "waiting for it; Ctrl-C saves and ends"
      : "its reward is left out until it is back";
    log.warn(`reward expert ${name}: ${origin} does not answer (${problem}); ${then}`);
  }
  if (problem === null && server.away !== null) {
    log.info(`reward expert ${name}: ${origin} answers again after ${minutes(clock.now() - server.away)}`);
    server.away = null;
  }
  return Promise.resolve(E.right(undefined));
};

const pauseBefore = (
  server: Server,
  attempt: number,
  asked: number | null = null,
): Stage<HasRemote, Asked> =>
  pipe(
    pause(Math.min(LONGEST_PAUSE, pauseMs(attempt, { asked, name: server.name }))),
    RTE.map(() => ({ _tag: "Asking", attempt: attempt + 1 })),
  );

/** A server that stays away after all attempts. */
function whileAway(
  server: Server,
  { problem, retryAfterMs }: Extract<Verdict, { readonly _tag: "Away" }>,
  { attempt, rows }: { readonly attempt: number; readonly rows: number },
): Stage<HasRemote, Asked> {
  const { retries, onFailure, away } = server;
  if (attempt < retries && away === null) return pauseBefore(server, attempt, retryAfterMs);
  if (onFailure === "stop") {
    const tries = attempt === 0 ? "" : `, asked ${attempt + 1} times`;
    return RTE.left(failed(server, `does not answer (${problem})${tries}; start it, then continue`));
  }
  return pipe(
    tell(server, problem),
    RTE.flatMap((): Stage<HasRemote, Asked> =>
      onFailure === "wait"
        ? pauseBefore(server, attempt, retryAfterMs)
        : RTE.right({ _tag: "Scored", scores: new Float32Array(rows).fill(NaN) })
    ),
  );
}

const askOnce = (
  server: Server,
  body: string,
  { attempt, rows }: { readonly attempt: number; readonly rows: number },
): Stage<HasRemote, Asked> =>
  pipe(
    (needs: HasRemote) => async () => {
      const { url, token, timeout } = server;
      const headers = { "content-type": "application/json", ...authorization(token) };
      const post = needs.network.post({ url, headers, body, timeoutMs: timeout * 1000 });
      const reply = await unlessInterrupted(post, needs)();
      return reply === null ? E.left(INTERRUPTED) : E.right(reply);
    },
    RTE.flatMap((reply): Stage<HasRemote, Asked> => {
      const verdict = verdictOn(reply, rows);
      if (verdict._tag === "Away") return whileAway(server, verdict, { attempt, rows });
      if (verdict._tag === "Scored") return pipe(tell(server, null), RTE.map(() => verdict));
      if (verdict.again && attempt < server.retries) return pauseBefore(server, attempt);
      return RTE.left(failed(server, verdict.problem));
    }),
  );

const scoreBatch = (server: Server) => (rows: readonly RewardRow[]): Stage<HasRemote, Float32Array> => {
  const body = requestBody(rows, server);
  return pipe(
    iterate<HasRemote, Asked>(
      ({ _tag }) => _tag === "Scored",
      (state) =>
        askOnce(server, body, { attempt: state._tag === "Asking" ? state.attempt : 0, rows: rows.length }),
    )({ _tag: "Asking", attempt: 0 }),
    RTE.map((state) => (state as Extract<Asked, { readonly _tag: "Scored" }>).scores),
  );
};

/**
 * Makes an expert from a server.
 *
 * @param name Names the reward.
 * @param settings Address and patience; the address was checked.
 * @param token Sent as a bearer token; `null` for a server without one. Never logged.
 * @returns The expert. Left `RewardFailed` in one line for a server that answers anything but one number or `null` per row, that
 * refuses, or that stays away under `on_failure: stop`; `Interrupted` if Ctrl-C was pressed while it is away.
 */
export function remoteExpert(
  name: string,
  settings: RemoteRewardSettings,
  token: string | null = null,
): RemoteExpert {
  const server: Server = { ...settings, name, token, origin: new URL(settings.url).origin, away: null };
  return {
    name,
    ...(name === "tier" ? { readsAnswerAlone: true } : {}),
    ...(name === "der" || name === "fer" ? { comparesIdentity: true } : {}),
    probe: pipe(scoreBatch(server)([]), RTE.map(() => undefined)),
    score: (rows) =>
      pipe(
        RTE.traverseSeqArray(scoreBatch(server))(RA.chunksOf(settings.batchSize)(rows)),
        RTE.map((batches) => Float32Array.from(batches.flatMap((batch) => [...batch]))),
      ),
  };
}
