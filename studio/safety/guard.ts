/**
 * What every request must pass before a page is made.
 *
 * @module
 */
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { getCookie, setCookie } from "hono/cookie";
import { secureHeaders } from "hono/secure-headers";
import { refusalPage } from "../pages/refusal.ts";
import type { Session } from "./session.ts";

type SecureHeaders = NonNullable<Parameters<typeof secureHeaders>[0]>;

/** Where the studio is reached. */
export interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** Bytes of a form at most; uploads have a limit of their own. */
const FORM_BYTES = 1_000_000;

const isLocal = (hostname: string): boolean => hostname === "127.0.0.1";

/** Names under which a local studio may be asked for; another name is a page that made its own name point here. */
const localHosts = (port: number): readonly string[] => [`127.0.0.1:${port}`, `localhost:${port}`];

const headers = (
  contentSecurityPolicy: NonNullable<SecureHeaders["contentSecurityPolicy"]>,
): MiddlewareHandler =>
  secureHeaders({
    contentSecurityPolicy,
    xFrameOptions: "DENY",
    // "no-referrer" would make the browser send `Origin: null` with our own forms.
    referrerPolicy: "same-origin",
    strictTransportSecurity: false,
    permissionsPolicy: { camera: [], microphone: [], geolocation: [] },
  });

/**
 * Makes the headers of every answer: nothing is loaded from elsewhere, no inline script runs, nobody frames a page.
 */
export function safeHeaders(): MiddlewareHandler {
  return headers({
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", "blob:", "data:"],
    connectSrc: ["'self'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
  });
}

/**
 * Makes the headers of a page that a run brings along: its own style and pictures, no script, an origin of its own.
 */
export function sandboxed(): MiddlewareHandler {
  return headers({
    sandbox: [],
    defaultSrc: ["'none'"],
    styleSrc: ["'unsafe-inline'"],
    imgSrc: ["data:"],
    frameAncestors: ["'none'"],
  });
}

/**
 * Lets a request in: asked for by the right name, with the cookie; what changes something comes from our own page.
 *
 * The link with `?token=` sets the cookie and leads to the same page without the token.
 *
 * @param session Who is let in.
 * @param address Where the studio is reached.
 * @returns The middleware; refusals are pages with status 401, 403 or 421.
 */
export function guard(session: Session, address: Address): MiddlewareHandler {
  return async (context, next) => {
    const { req } = context;
    const url = new URL(req.url);
    const host = req.header("host") ?? "";
    if (isLocal(address.hostname) && !localHosts(address.port).includes(host)) {
      return context.html(refusalPage("host"), 421);
    }
    const token = url.searchParams.get("token");
    if (token !== null && req.method === "GET") {
      const cookie = session.enter(token);
      if (cookie !== undefined) {
        setCookie(context, session.cookieName, cookie, { httpOnly: true, sameSite: "Strict", path: "/" });
      }
      const known = cookie !== undefined || session.knows(getCookie(context, session.cookieName));
      return known ? context.redirect(url.pathname, 303) : context.html(refusalPage("token"), 401);
    }
    if (!session.knows(getCookie(context, session.cookieName))) {
      return context.html(refusalPage("cookie"), 401);
    }
    const changes = req.method !== "GET" && req.method !== "HEAD";
    if (changes && req.header("origin") !== `http://${host}`) {
      return context.html(refusalPage("origin"), 403);
    }
    await next();
    context.header("Cache-Control", context.res.headers.get("Cache-Control") ?? "no-store");
  };
}

/**
 * Limits how much a request may send, before and while it is read.
 *
 * @returns The middleware; more is answered with 413.
 */
export function limitBody(bytes = FORM_BYTES): MiddlewareHandler {
  return bodyLimit({ maxSize: bytes, onError: (context) => context.html(refusalPage("size"), 413) });
}
