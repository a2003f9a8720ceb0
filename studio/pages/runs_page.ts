/**
 * The list of runs, and what a newcomer sees in its place.
 *
 * @module
 */
import { html } from "hono/html";
import type { RunCard } from "../read/run_card.ts";
import { commandLine, emptyState, type Html, NOTHING, numberText, when } from "./html.ts";

/** Width and height of a sparkline, in its own units. */
const SPARK = { width: 160, height: 36 };

/**
 * Draws a curve without axes.
 *
 * @param values Oldest first.
 * @param title What it shows, for those who hear the page.
 * @returns SVG; nothing for fewer than two values.
 */
export function sparkline(values: readonly number[], title: string): Html {
  if (values.length < 2) return NOTHING;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const points = values.map((value, index) => {
    const x = index / (values.length - 1) * (SPARK.width - 4) + 2;
    const y = SPARK.height - 3 - (high > low ? (value - low) / (high - low) : 0.5) * (SPARK.height - 6);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return html`
    <svg class="spark" viewBox="0 0 ${SPARK.width} ${SPARK.height}" role="img"
      aria-label="${title}: from ${numberText(values[0])} to ${numberText(values.at(-1))}">
      <polyline points="${points.join(" ")}"></polyline>
    </svg>
  `;
}

/**
 * Takes one metric out of the rows of a run.
 *
 * @returns Its values, oldest first, where it was measured.
 */
export function valuesOf({ rows }: Pick<RunCard, "rows">, name: string): readonly number[] {
  return rows.flatMap(({ metrics }) => typeof metrics[name] === "number" ? [metrics[name]] : []);
}

/** The scores of a card: at most three, before and after. */
function scores({ evaluations }: RunCard): Html {
  const [before, after] = [evaluations[0], evaluations.at(-1)];
  if (before === undefined || after === undefined) return html`<p class="dim">Not evaluated yet</p>`;
  const names = Object.keys(after.scores).filter((name) => after.scores[name]?.value !== null).slice(0, 3);
  return html`<dl class="scores">${
    names.map((name) => {
      const now = numberText(after.scores[name]?.value, 2);
      const then = before === after
        ? ""
        : html`<span class="dim">${numberText(before.scores[name]?.value, 2)} → </span>`;
      return html`
        <div>
          <dt>${after.titles[name] ?? name}</dt>
          <dd>${then}${now}</dd>
        </div>
      `;
    })
  }</dl>`;
}

const STATE_WORDS = { running: "Running", finished: "Finished", stopped: "Stopped" } as const;

/**
 * Shows what a run does right now.
 *
 * @returns A badge; its colour is never the only sign.
 */
export function stateBadge({ state }: Pick<RunCard, "state">): Html {
  return html`<span class="badge ${state}">${STATE_WORDS[state]}</span>`;
}

const conceptOf = ({ summary }: RunCard): string =>
  String(summary.config["concept"] ?? "").split("/").at(-1) ?? "";

function runCard(card: RunCard): Html {
  const { summary, maxSteps } = card;
  const path = encodeURIComponent(summary.folder);
  return html`<li class="card run">
<a class="picture" href="/runs/${path}" tabindex="-1" aria-hidden="true"><img src="/runs/${path}/picture" alt="" loading="lazy" width="96" height="96"></a>
<div class="about"><h2><a href="/runs/${path}">${
    summary.folder.replace(/-\d{8}-\d{6}-[0-9a-f]{8}.*$/, "")
  }</a></h2>
<p class="dim">${conceptOf(card)} · ${when(summary.started)}</p>
<p>${stateBadge(card)} <span class="dim">${summary.steps} of ${maxSteps} updates</span></p></div>
<div class="curve">${sparkline(valuesOf(card, "reward"), "Reward")}<span class="dim">reward ${
    numberText(summary.metrics["reward"])
  }</span></div>
${scores(card)}
<div class="actions"><label class="check"><input type="checkbox" name="run" value="${summary.folder}" form="compare"> Compare</label>
<form method="post" action="/runs/${path}/trash"><button class="quiet danger" aria-label="Delete ${summary.folder}">Delete</button></form></div>
</li>`;
}

const FIRST = html`
  <h1>Teach a model something of yours</h1>
  <p
    class="lead">A few photos and sentences are enough. The model learns to recognise your concept, to answer questions about it and to draw it.</p>
  <ol class="steps">
    <li><h2>Start a run</h2><p>This one takes about four minutes on a laptop and learns <b>mip</b>, a bundled cartoon character: <a href="/start">Start</a>, or in a terminal</p>${commandLine(
      "deno task train",
    )}</li>
    <li>
      <h2>Watch it here</h2>
      <p>The run appears on this page by itself as soon as it begins: rewards, pictures, warnings with what to do about them.</p>
    </li>
    <li><h2>Bring your own</h2><p>Photos in a folder and a fact or two become a concept.</p>${commandLine(
      "deno task concept new my-photos --id mochi --class dog --category animal",
    )}</li>
  </ol>
`;

/** What was just deleted, with its way back. */
const undo = (name: string): Html =>
  html`
    <form class="notice" method="post"
      action="/trash/${encodeURIComponent(
        name,
      )}/restore"><p><b>${name}</b> is in the trash.</p><button>Undo</button></form>
  `;

/**
 * Makes the list of runs.
 *
 * @param cards All runs that match.
 * @param options.search What was searched for.
 * @param options.trashed The run that was just deleted.
 * @param options.inTrash How many runs the trash holds.
 * @returns The body of the page.
 */
export function runsPage(
  cards: readonly RunCard[],
  options: { readonly search: string; readonly trashed: string; readonly inTrash: number },
): Html {
  const { search, trashed, inTrash } = options;
  const notice = trashed === "" ? NOTHING : undo(trashed);
  if (cards.length === 0 && search === "" && trashed === "") return html`<div class="first">${FIRST}</div>`;
  const list = cards.length === 0
    ? emptyState(
      "No run matches",
      html`<p>Try a part of a name or of a concept, or <a href="/">show all</a>.</p>`,
    )
    : html`<ul class="runs">${cards.map(runCard)}</ul>`;
  return html`
    <div class="heading">
      <h1>Runs</h1>
      <form role="search"
        action="/"><label class="hidden" for="search">Search runs</label><input id="search" type="search" name="search" value="${search}" placeholder="Name or concept"><button>Search</button></form>
      <form id="compare" action="/compare"><button>Compare two</button></form>
    </div>
    ${notice}${list}${inTrash === 0 ? NOTHING : html`<p><a href="/trash">Trash (${inTrash})</a></p>`}
  `;
}

/**
 * Makes the page of deleted runs.
 *
 * @returns The body of the page.
 */
export function trashPage(names: readonly string[]): Html {
  const row = (name: string): Html =>
    html`
      <li
        class="card line"><span>${name}</span><form method="post" action="/trash/${encodeURIComponent(
          name,
        )}/restore"><button>Put back</button></form></li>
    `;
  const list = names.length === 0
    ? emptyState(
      "The trash is empty",
      html`<p>Deleted runs wait here until their folder <code>.trash</code> is removed.</p>`,
    )
    : html`
      <p
        class="dim">These runs lie in the folder <code>.trash</code> beside the others. Remove it to free the space.</p>
      <ul class="runs">${names.map(row)}</ul>
    `;
  return html`<h1>Trash</h1>${list}`;
}
