/**
 * Pages for those who are not let in: plain, without the studio's frame.
 *
 * @module
 */

/** Why a request is refused. */
export type Refusal = "host" | "token" | "cookie" | "origin" | "size";

const WORDS: Readonly<Record<Refusal, readonly [string, string]>> = {
  host: [
    "This name does not lead to the studio",
    "Open the link that <code>deno task studio</code> printed; it begins with http://127.0.0.1.",
  ],
  token: [
    "This link was used already, or is not right",
    "It opens the studio once. Stop the studio with Ctrl-C and start it again with <code>deno task studio</code> for a new link.",
  ],
  cookie: [
    "The studio does not know this browser",
    "Open the link that <code>deno task studio</code> printed. After a restart of the studio, the new one is needed.",
  ],
  origin: [
    "This did not come from a page of the studio",
    "Nothing was changed. Go back to the studio and do it there.",
  ],
  size: ["That is too much at once", "Nothing was stored. A photo may have 30 MB, and a form 1 MB."],
};

/**
 * Makes the page of a refusal.
 *
 * @param refusal Why.
 * @returns HTML that loads nothing.
 */
export function refusalPage(refusal: Refusal): string {
  const [title, remedy] = WORDS[refusal];
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>` +
    `<h1>${title}</h1><p>${remedy}</p></html>`;
}
