/**
 * The page of a run: how far it is, what it learns, what it draws.
 *
 * @module
 */
import { html } from "hono/html";
import { groupMetrics } from "../../lib/run/report_groups.ts";
import { durationText } from "../../lib/run/status.ts";
import type { RunCard } from "../read/run_card.ts";
import type { SampleLine } from "../read/run_picture.ts";
import { secondsLeft, type Watched } from "../read/watch.ts";
import { chart } from "./chart.ts";
import { commandLine, type Html, NOTHING, numberText, when } from "./html.ts";
import { stateBadge } from "./runs_page.ts";

/** The numbers on top, in their order. */
const TILES: readonly (readonly [string, string])[] = [
  ["reward", "reward"],
  ["kl", "KL to the start"],
  ["dsog/pass_rate", "pass rate"],
  ["dsog/threshold", "threshold"],
];

const pathOf = ({ summary }: RunCard): string => `/runs/${encodeURIComponent(summary.folder)}`;

const tile = (value: string, label: string): Html =>
  html`<div class="card tile"><b>${value}</b><span class="dim">${label}</span></div>`;

function tiles(run: Watched): Html {
  const last = run.rows.at(-1)?.metrics ?? {};
  const left = secondsLeft(run.rows, run.maxSteps);
  const time = run.state !== "running" || left === null ? NOTHING : tile(durationText(left), "left, about");
  return html`
    <div class="tiles">${tile(`${run.summary.steps} / ${run.maxSteps}`, "updates")}${time}${TILES.map((
      [name, label],
    ) => tile(numberText(last[name]), label))}</div><progress max="${Math.max(1, run.maxSteps)}" value="${run
      .summary.steps}"
      aria-label="Updates done"></progress>
  `;
}

const signed = (value: number): string => `${value > 0 ? "+" : ""}${value.toFixed(3)}`;

function sampleCard(run: Watched, line: SampleLine): Html {
  const { advantage, reward, reasoning, rewards } = line;
  const step = run.sampled.at(-1) ?? 0;
  const said = reasoning === undefined || reasoning === ""
    ? NOTHING
    : html`<p class="said"><span class="dim">the model said</span><br>${reasoning}</p>`;
  const chips = Object.entries(rewards ?? {}).map(([name, score]) =>
    html`<li>${name} ${numberText(score, 2)}</li>`
  );
  const better = typeof advantage !== "number"
    ? NOTHING
    : html`<li class="${advantage >= 0 ? "up" : "down"}">advantage ${signed(advantage)}</li>`;
  return html`
    <li
      class="card"><img src="${pathOf(run)}/samples/${step}/${line.index}" alt="What was drawn for: ${line
        .prompt}" width="128" height="128">
    <p>${line.prompt}</p>${said}<ul class="chips"><li>reward ${numberText(
      reward,
      2,
    )}</li>${better}${chips}</ul></li>
  `;
}

function group(run: Watched): Html {
  if (run.group.length === 0) return NOTHING;
  const question = run.group[0]?.question;
  return html`<h2>Newest group, update ${run.sampled.at(-1)}</h2>${
    question === undefined ? NOTHING : html`<p class="dim">Asked: ${question}</p>`
  }<ul class="group">${run.group.map((line) => sampleCard(run, line))}</ul>`;
}

/** What to wait for before the first update. */
function waiting(run: Watched): Html {
  if (run.rows.length > 0 || run.state !== "running") return NOTHING;
  return html`
    <p
      class="notice">The cold start comes first: the concept's own tokens are learnt from photos and dialogues, then the start is evaluated. Updates appear here by themselves.</p>
  `;
}

/**
 * Makes the part of a run's page that changes while the run goes on.
 *
 * @returns HTML.
 */
export function livePart(run: Watched): Html {
  const warnings = run.warnings.map((warning) => html`<p class="warning">${warning}</p>`);
  const charts = groupMetrics(run.rows);
  const others = charts.others.length === 0 ? NOTHING : html`
    <details>
      <summary>All other metrics</summary>
      <div class="charts">${charts.others.map(chart)}</div>
    </details>
  `;
  return html`<p>${stateBadge(run)} <span class="dim">last change ${when(run.changed)}</span></p>${
    tiles(run)
  }${waiting(run)}${warnings}
${group(run)}<h2>Curves</h2><div class="charts">${charts.main.map(chart)}</div>${others}`;
}

/** The slider over the grids of all sampled steps. */
function strip(run: Watched): Html {
  const last = run.sampled.at(-1);
  if (last === undefined || run.sampled.length < 2) return NOTHING;
  const source = `${pathOf(run)}/samples/STEP`;
  return html`<h2><label for="time">Through time: <output id="step">update ${last}</output></label></h2>
<div class="card strip"><img id="grid" src="${
    source.replace("STEP", String(last))
  }" alt="Pictures of update ${last}">
<input id="time" type="range" min="0" max="${run.sampled.length - 1}" value="${
    run.sampled.length - 1
  }" aria-valuetext="update ${last}" data-steps="${
    run.sampled.join(",")
  }" data-source="${source}" data-picture="grid" data-output="step"></div>`;
}

/** Goes on with a run: to its end, or beyond it. */
function continuing(run: Watched, resume: string): Html {
  const steps = run.state === "finished" ? run.maxSteps + 40 : run.maxSteps;
  return html`
    <h2>Go on</h2><form method="post" action="${pathOf(run)}/continue"
      class="go-on"><label for="steps">until update</label> <input id="steps" name="steps" inputmode="numeric" value="${steps}" size="6"> <button>Go on</button></form>${commandLine(
        steps === run.maxSteps ? resume : `${resume} --set rl.max_steps=${steps}`,
      )}
  `;
}

/**
 * Makes the page of a run.
 *
 * @param runs The folder of all runs, for command lines.
 * @returns The body of the page.
 */
export function watchPage(run: Watched, runs: string): Html {
  const path = pathOf(run);
  const folder = `${runs}/${run.summary.folder}`;
  const resume = `deno task train --resume ${folder}`;
  const goOn = run.state === "running" ? NOTHING : continuing(run, resume);
  const report = run.state === "finished"
    ? html`<p><a href="${path}/report">Open the report</a></p>`
    : NOTHING;
  return html`<h1>${run.summary.folder}</h1><p class="dim">${
    run.summary.config["concept"] ?? ""
  } · ${run.summary.backend} · started ${when(run.summary.started)}</p>${report}
<div data-live="${path}/live" data-events="${path}/events">${livePart(run)}</div>
${strip(run)}${goOn}<h2>Use it</h2>${
    commandLine(`deno task generate "a photo of it" --run ${run.summary.folder}`)
  }${commandLine(`deno task ask none "What do you know?" --run ${run.summary.folder}`)}`;
}
