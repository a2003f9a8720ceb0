/**
 * Pieces that every page uses. Text is escaped wherever it is put into a template.
 *
 * @module
 */
import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

/** A piece of a page. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** No piece. */
export const NOTHING: Html = html``;

/**
 * Writes a number as it stands in tables and tiles.
 *
 * @param value Any number, or none.
 * @param digits Behind the point.
 * @returns The number; a dash for none.
 */
export function numberText(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) < 10 ** -digits ? value.toExponential(1) : value.toFixed(digits);
}

/**
 * Shows the command that does the same as a page.
 *
 * @param line The command line.
 * @returns A line of code with a button that copies it.
 */
export function commandLine(line: string): Html {
  return html`
    <div
      class="command"><code tabindex="0">${line}</code><button type="button" class="quiet" data-copy="${line}">Copy</button></div>
  `;
}

/** A date and a time of day, for people. */
const WHEN = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/**
 * Writes when something happened.
 *
 * @param date ISO 8601, or empty.
 * @returns `1 Mar 2026, 12:30` in a `<time>`.
 */
export function when(date: string): Html {
  const time = new Date(date);
  return Number.isNaN(time.getTime()) ? html`–` : html`<time datetime="${date}">${WHEN.format(time)}</time>`;
}

/**
 * Shows that there is nothing yet, and what to do about it.
 *
 * @param title What is missing.
 * @param body Why, and what next.
 */
export function emptyState(title: string, body: Html): Html {
  return html`<div class="empty"><h2>${title}</h2>${body}</div>`;
}
