/**
 * The page that starts runs: a form made from the settings themselves, and the queue.
 *
 * @module
 */
import { html } from "hono/html";
import type { AnyField, Fields } from "../../lib/config/field.ts";
import { snakeCase } from "../../lib/config/naming.ts";
import { TRAINING } from "../../lib/method/settings.ts";
import { commandText, type Job } from "../work/queue.ts";
import { commandLine, type Html, NOTHING } from "./html.ts";

/** What was typed, and what is wrong with it. */
export interface FilledForm {
  readonly values: Readonly<Record<string, string>>;
  readonly problems: readonly string[];
}

const defaultOf = ({ codec, fallback }: AnyField): string => {
  const value = fallback === null ? "" : codec.encode(fallback());
  return typeof value === "string" ? value : JSON.stringify(value);
};

const wordsOf = ({ expects }: AnyField): readonly string[] =>
  expects === "true or false" ? ["true", "false"] : /^one of (.+)$/.exec(expects)?.[1]?.split(", ") ?? [];

function control(path: string, field: AnyField, value: string): Html {
  const words = wordsOf(field);
  const usual = defaultOf(field);
  if (words.length === 0) {
    return html`
      <input id="${path}" name="${path}" value="${value}" placeholder="${usual}"
        aria-describedby="${path}-doc" autocomplete="off">
    `;
  }
  const option = (word: string): Html =>
    word === value ? html`<option selected>${word}</option>` : html`<option>${word}</option>`;
  return html`
    <select id="${path}" name="${path}"
      aria-describedby="${path}-doc"><option value="">as in the preset (usually ${usual})</option>${words.map(
        option,
      )}</select>
  `;
}

function setting(path: string, field: AnyField, { values, problems }: FilledForm): Html {
  const wrong = problems.filter((problem) => problem.includes(`\`${path}\``));
  return html`<div class="field"><label for="${path}">${path}</label>${
    control(path, field, values[path] ?? "")
  }
<span class="dim" id="${path}-doc">${field.doc} ${field.expects[0]?.toUpperCase() ?? ""}${
    field.expects.slice(1)
  }.</span>${wrong.map((problem) => html`<span class="wrong">${problem}</span>`)}</div>`;
}

function settings(fields: Fields, form: FilledForm, parent = ""): Html {
  const leaves = Object.entries(fields).filter(([, field]) => field.fields === null);
  const sections = Object.entries(fields).flatMap(([name, field]) =>
    field.fields === null
      ? []
      : [{ path: `${parent}${snakeCase(name)}`, doc: field.doc, fields: field.fields }]
  );
  return html`<div class="fields">${
    leaves.map(([name, field]) => setting(`${parent}${snakeCase(name)}`, field, form))
  }</div>${
    sections.map(({ path, doc, fields }) => {
      const body = settings(fields, form, `${path}.`);
      const touched = [...Object.keys(form.values).filter((key) => form.values[key] !== ""), ...form.problems]
        .some((text) => text.includes(`${path}.`));
      const summary = html`<summary>${path}: <span class="dim">${doc}</span></summary>`;
      return touched
        ? html`<details open>${summary}${body}</details>`
        : html`<details>${summary}${body}</details>`;
    })
  }`;
}

const JOB_WORDS = {
  ...{ waiting: "Waiting", running: "Running", stopping: "Stopping after this step" },
  ...{ done: "Finished", failed: "Failed", stopped: "Stopped" },
} as const;

const badgeOf = ({ state }: Job): string =>
  state === "done" ? "finished" : state === "failed" || state === "stopped" ? "stopped" : "running";

function jobCard(job: Job): Html {
  const stop = job.state !== "running" && job.state !== "waiting"
    ? NOTHING
    : html`<form method="post" action="/queue/${job.id}/stop"><button class="quiet danger">${
      job.state === "running" ? "Stop" : "Take out"
    }</button></form>`;
  const lines = job.lines.length === 0 ? NOTHING : html`<pre tabindex="0">${job.lines.join("\n")}</pre>`;
  return html`
    <li
      class="card"><div class="line"><span class="badge ${badgeOf(
        job,
      )}">${JOB_WORDS[job.state]}</span>${stop}</div>${commandLine(commandText(job.words))}${lines}</li>
  `;
}

/**
 * Makes the part of the page that changes by itself.
 *
 * @param jobs Newest first.
 */
export function queuePart(jobs: readonly Job[]): Html {
  return jobs.length === 0
    ? html`<p class="dim">Nothing was started from here yet.</p>`
    : html`<ul class="runs">${jobs.map(jobCard)}</ul>`;
}

/**
 * Makes the page.
 *
 * @param form What was typed before, if something was wrong with it.
 * @param jobs The queue, newest first.
 * @returns The body of the page.
 */
export function startPage(form: FilledForm, known: readonly string[], jobs: readonly Job[]): Html {
  const chosen = form.values["preset"];
  const option = (path: string): Html =>
    path === chosen ? html`<option selected>${path}</option>` : html`<option>${path}</option>`;
  const problems = form.problems.length === 0 ? NOTHING : html`
    <div class="warning" role="alert">
      <p><b>This cannot be started yet.</b></p>
      <ul>${form.problems.map((problem) => html`<li>${problem}</li>`)}</ul>
    </div>
  `;
  return html`
    <h1>Start a run</h1><p
      class="lead">Leave empty what the preset should decide. One run goes at a time; the others wait.</p>${problems}
    <form method="post" action="/start"
      class="start"><div class="field"><label for="preset">Preset</label><select id="preset" name="preset">${known
        .map(option)}</select></div>
    ${settings(TRAINING.fields, form)}<p><button>Start</button></p></form>
    <h2>Queue</h2><div data-live="/queue/part" data-events="/queue/events">${queuePart(jobs)}</div>
  `;
}
