// What a page needs besides its HTML: charts, copy buttons, and parts that follow a run.
import uPlot from "uplot";
import { Idiomorph } from "idiomorph";

const plots = new Map();
const COLOURS = ["--line-1", "--line-2", "--line-3", "--line-4", "--line-5", "--line-6"];
/** Distances between marks of the axis of updates: whole updates. */
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000];
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function drawChart(place) {
  const text = place.dataset.chart;
  if (plots.get(place)?.text === text) return;
  plots.get(place)?.plot.destroy();
  const { names, steps, columns } = JSON.parse(text);
  const axis = {
    stroke: colour("--dim"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  const options = {
    width: Math.max(200, place.clientWidth),
    height: 190,
    scales: { x: { time: false } },
    axes: [{ ...axis, incrs: STEPS }, { ...axis, size: 56 }],
    legend: { show: names.length > 1 },
    cursor: { y: false },
    series: [
      { label: "step" },
      ...names.map((label, at) => ({
        label,
        stroke: colour(COLOURS[at % COLOURS.length]),
        width: 2,
        spanGaps: true,
        points: { show: steps.length < 12 },
      })),
    ],
  };
  plots.set(place, { text, plot: new uPlot(options, [steps, ...columns], place) });
}

function drawCharts() {
  for (const place of plots.keys()) if (!place.isConnected) plots.delete(place);
  for (const place of document.querySelectorAll("[data-chart]")) drawChart(place);
}

function redraw() {
  for (const [place, { plot }] of plots) {
    plot.destroy();
    plots.delete(place);
  }
  drawCharts();
}

function say(text) {
  document.getElementById("said").textContent = text;
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  say("The command is copied.");
}

/** Replaces a part of the page by its newest state; what is open, focused or typed stays. */
async function refresh(part) {
  const answer = await fetch(part.dataset.live, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  Idiomorph.morph(part, await answer.text(), {
    morphStyle: "innerHTML",
    callbacks: {
      beforeNodeMorphed: (before, after) => {
        if (before instanceof HTMLDetailsElement && before.open) after.open = true;
        if (before instanceof HTMLElement && before.dataset.chart !== undefined) {
          before.dataset.chart = after.dataset.chart;
          before.setAttribute("aria-label", after.getAttribute("aria-label"));
          return false;
        }
        return true;
      },
    },
  });
  drawCharts();
}

function follow(part) {
  const events = new EventSource(part.dataset.events);
  events.addEventListener("change", () => refresh(part));
}

/** The slider through time: shows the grid of the chosen step. */
function slide(range) {
  const steps = range.dataset.steps.split(",");
  const step = steps[Number(range.value)];
  const picture = document.getElementById(range.dataset.picture);
  picture.src = range.dataset.source.replace("STEP", step);
  picture.alt = `Pictures of update ${step}`;
  range.setAttribute("aria-valuetext", `update ${step}`);
  document.getElementById(range.dataset.output).textContent = `update ${step}`;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button !== null) copy(button);
});
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-steps]")) slide(event.target);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
let resizing;
addEventListener("resize", () => {
  clearTimeout(resizing);
  resizing = setTimeout(redraw, 150);
});
drawCharts();
document.querySelectorAll("[data-live]").forEach(follow);
