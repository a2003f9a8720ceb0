/**
 * The frame of every page.
 *
 * @module
 */
import { html } from "hono/html";
import type { Html } from "./html.ts";

/** The rooms of the studio, in the order of the menu. */
const MENU = [
  { path: "/", title: "Runs" },
  { path: "/start", title: "Start" },
] as const;

/** A room of the menu. */
export type MenuPath = typeof MENU[number]["path"];

/** A page. */
export interface Page {
  /** Shown in the browser's tab and, unless the body has a heading of its own, on top. */
  readonly title: string;
  /** Which room of the menu it belongs to. */
  readonly room?: MenuPath;
  readonly body: Html;
}

const MARK = html`
  <svg viewBox="0 0 24 24" width="26" height="26" aria-hidden="true">
    <rect x="1" y="1" width="10" height="10" rx="2.5" fill="currentColor"></rect>
    <rect x="13" y="1" width="10" height="10" rx="2.5" fill="currentColor" opacity=".55"></rect>
    <rect x="1" y="13" width="10" height="10" rx="2.5" fill="currentColor" opacity=".35"></rect>
    <rect x="13" y="13" width="10" height="10" rx="5" fill="currentColor"></rect>
  </svg>
`;

/**
 * Makes a page.
 *
 * @param page What it shows.
 * @returns The whole document.
 */
export function layout({ title, room, body }: Page): Html {
  const item = ({ path, title }: typeof MENU[number]): Html =>
    path === room
      ? html`<a href="${path}" aria-current="page">${title}</a>`
      : html`<a href="${path}">${title}</a>`;
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>${title} · Studio</title>
        <link rel="icon" href="/assets/mark.svg">
        <link rel="stylesheet" href="/assets/uplot.css">
        <link rel="stylesheet" href="/assets/style.css">
        <script type="module" src="/assets/studio.js"></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header
          class="bar"><a class="brand" href="/">${MARK}<span>Studio</span></a><nav aria-label="Studio">${MENU
            .map(item)}</nav></header>
        <main id="main" tabindex="-1">${body}</main>
        <div id="said" role="status" aria-live="polite"></div>
      </body>
    </html>
  `;
}
