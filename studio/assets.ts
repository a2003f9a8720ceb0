/**
 * Files of the pages, held in memory: nothing is fetched, and no request names a path on disk.
 *
 * @module
 */
import idiomorph from "idiomorph/dist/idiomorph.esm.js" with { type: "text" };
import uplotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import uplot from "uplot/dist/uPlot.esm.js" with { type: "text" };
import mark from "./browser/mark.svg" with { type: "text" };
import script from "./browser/studio.js" with { type: "text" };
import style from "./browser/style.css" with { type: "text" };

/** A file of the pages. */
export interface Asset {
  readonly type: string;
  readonly text: string;
}

const javascript = (text: string): Asset => ({ type: "text/javascript; charset=utf-8", text });
const css = (text: string): Asset => ({ type: "text/css; charset=utf-8", text });

/** Packages that the script imports by name, as the browser finds them. */
const inBrowser = (text: string): string =>
  text.replace(/from "(uplot|idiomorph)"/g, (_, name) => `from "/assets/${name}.js"`);

/** Name → file. */
export const ASSETS: ReadonlyMap<string, Asset> = new Map([
  ["studio.js", javascript(inBrowser(script))],
  ["uplot.js", javascript(uplot)],
  ["idiomorph.js", javascript(idiomorph)],
  ["style.css", css(style)],
  ["uplot.css", css(uplotStyle)],
  ["mark.svg", { type: "image/svg+xml", text: mark }],
]);
