/**
 * The network as a capability, so that everything above it can be tested without one.
 *
 * @module
 */
import type { Task } from "fp-ts/lib/Task.js";
import { messageOf } from "../../core/error.ts";
import { hideSecrets, secretsOf } from "./secrets.ts";

/** An HTTP request with a body. */
export interface PostRequest {
  readonly url: string;
  /** A form brings its own content type. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | FormData;
  /** For the whole exchange. */
  readonly timeoutMs: number;
}

/** What came back: an answer of whatever status, or none (refused, cut off, too slow). */
export type PostReply =
  | {
    readonly _tag: "Answer";
    readonly status: number;
    readonly body: string;
    readonly retryAfterMs: number | null;
  }
  | { readonly _tag: "NoAnswer"; readonly problem: string };

/** Sending and waiting. */
export interface Network {
  /** Never rejects. */
  readonly post: (request: PostRequest) => Task<PostReply>;
  /** Waits between attempts. */
  readonly wait: (milliseconds: number) => Task<void>;
}

/** A stage that uses the network. */
export interface HasNetwork {
  readonly network: Network;
}

const retryAfter = (header: string | null): number | null => {
  const seconds = header === null || header.trim() === "" ? NaN : Number(header);
  return seconds >= 0 && Number.isFinite(seconds) ? seconds * 1000 : null;
};

/** Why nothing came back, without the address, which may have keys in it: `tcp connect error: Connection refused`. */
function reason(thrown: unknown, url: string): string {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const told = messageOf(cause).replace(/^.*\): (?=\S)/, "");
  const shown = URL.canParse(url) ? [url, new URL(url).href] : [url];
  return shown.reduce((text, address) => text.replaceAll(address, "the address"), told);
}

/**
 * Makes a network from a `fetch`. What comes back holds no key that was sent, whoever writes it down afterwards.
 *
 * @param fetcher The global `fetch` in a program, a stand-in elsewhere.
 * @returns The capability; the program needs the permission to reach the host.
 */
export function networkFrom(fetcher: typeof fetch): Network {
  const post = (request: PostRequest): Task<PostReply> => async () => {
    const hide = (text: string): string => hideSecrets(text, secretsOf(request));
    try {
      const { url, headers, body, timeoutMs } = request;
      const answer = await fetcher(url, {
        method: "POST",
        headers,
        body,
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await answer.text();
      const retryAfterMs = retryAfter(answer.headers.get("retry-after"));
      return { _tag: "Answer", status: answer.status, body: hide(text), retryAfterMs };
    } catch (thrown) {
      return { _tag: "NoAnswer", problem: hide(reason(thrown, request.url)) };
    }
  };
  const wait = (milliseconds: number): Task<void> => () =>
    new Promise((done) => setTimeout(done, milliseconds));
  return { post, wait };
}
