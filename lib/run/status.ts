/**
 * What a person sees while a run trains: four lines that stay in place.
 *
 * @module
 */
import type { HasLog } from "../core/capability.ts";
import { DONE, type Stage } from "../core/stage.ts";

/** The state of a run between two redraws; absent numbers show as `-`. */
export interface TrainingStatus {
  readonly step: number;
  readonly maxSteps: number;
  /** What is being done right now: `sampling 12/36`. */
  readonly phase?: string;
  /** Mean seconds of the last steps. */
  readonly secondsPerStep?: number;
  readonly reward?: number;
  readonly rewardStd?: number;
  /** Rewards of the last steps, oldest first, for the curve. */
  readonly rewards?: readonly number[];
  /** Expert → mean score. */
  readonly rewardParts?: Readonly<Record<string, number>>;
  readonly kl?: number;
  readonly gradNorm?: number;
  /** Share of candidates above the threshold, 0…1. */
  readonly passRate?: number;
  readonly targetPassRate?: number;
  readonly threshold?: number;
  readonly tokensPerSecond?: number;
  /** Bytes of this process. */
  readonly memory?: number;
  readonly tensors?: number;
}

const BAR_WIDTH = 20;
const CURVE = "▁▂▃▄▅▆▇█";
const CURVE_WIDTH = 24;

const fixed = (value: number | undefined, digits: number): string =>
  value === undefined || !Number.isFinite(value) ? "-" : value.toFixed(digits);
const percent = (value: number | undefined): string =>
  value === undefined || !Number.isFinite(value) ? "-" : `${Math.round(value * 100)} %`;
const grouped = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");

/**
 * Writes a duration as a person says it.
 *
 * @param seconds ≥ 0.
 * @returns `9 s`, `12 min 5 s`, `3 h 20 min`, `2 d 3 h`.
 *
 * @example
 * ```ts
 * import { durationText } from "./status.ts";
 * import assert from "node:assert/strict";
 * assert.equal(durationText(725), "12 min 5 s");
 * ```
 */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

/**
 * Writes a number of bytes as a person says it.
 *
 * @param bytes ≥ 0.
 * @returns `812 kB`, `3.1 GB`: powers of 1000, two digits at least.
 */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}

/**
 * Draws a curve with one character per number.
 *
 * @param values Oldest first; the last 24 are shown; what is not finite leaves a gap.
 * @returns The curve, scaled between its lowest and its highest number.
 */
export function sparkline(values: readonly number[]): string {
  const shown = values.slice(-CURVE_WIDTH);
  const finite = shown.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  return shown.map((value) => {
    if (!Number.isFinite(value)) return " ";
    const share = high > low ? (value - low) / (high - low) : 0.5;
    return CURVE[Math.min(CURVE.length - 1, Math.floor(share * CURVE.length))];
  }).join("");
}

function progressLine({ step, maxSteps, secondsPerStep, phase }: TrainingStatus): string {
  const share = maxSteps > 0 ? Math.min(1, step / maxSteps) : 1;
  const full = Math.round(share * BAR_WIDTH);
  const bar = `${"█".repeat(full)}${"░".repeat(BAR_WIDTH - full)}`;
  const pace = secondsPerStep === undefined
    ? ""
    : `   ${fixed(secondsPerStep, 1)} s/step   ${durationText((maxSteps - step) * secondsPerStep)} left`;
  return `step ${step}/${maxSteps} ${bar} ${percent(share)}${pace}${
    phase === undefined ? "" : `   ${phase}`
  }`;
}

function rewardLine({ reward, rewardStd, rewards, rewardParts }: TrainingStatus): string {
  const spread = rewardStd === undefined ? "" : ` ± ${fixed(rewardStd, 3)}`;
  const curve = rewards === undefined || rewards.length < 2 ? "" : `  ${sparkline(rewards)}`;
  const parts = Object.entries(rewardParts ?? {}).map(([name, value]) => `   ${name} ${fixed(value, 3)}`)
    .join("");
  return `reward ${fixed(reward, 3)}${spread}${curve}${parts}`;
}

function policyLine({ kl, gradNorm, passRate, targetPassRate, threshold }: TrainingStatus): string {
  const target = targetPassRate === undefined ? "" : ` (target ${percent(targetPassRate)})`;
  return [
    `kl ${fixed(kl, 4)}`,
    `grad norm ${fixed(gradNorm, 3)}`,
    `pass rate ${percent(passRate)}${target}`,
    `threshold ${fixed(threshold, 3)}`,
  ].join("   ");
}

function machineLine({ tokensPerSecond, memory, tensors }: TrainingStatus): string {
  return [
    ...(tokensPerSecond === undefined ? [] : [`${grouped(tokensPerSecond)} tokens/s`]),
    ...(memory === undefined ? [] : [`memory ${bytesText(memory)}`]),
    ...(tensors === undefined ? [] : [`${grouped(tensors)} tensors`]),
  ].join("   ");
}

/**
 * Formats the state of a run.
 *
 * @returns Three or four lines: progress; reward and its parts; policy and screening; speed and memory.
 */
export function statusBlock(status: TrainingStatus): string[] {
  const machine = machineLine(status);
  return [progressLine(status), rewardLine(status), policyLine(status), ...(machine === "" ? [] : [machine])];
}

/** Shows the state of a run: redrawn in place on a terminal, one plain line elsewhere. */
export function showStatus(status: TrainingStatus): Stage<HasLog, void> {
  return (needs) => {
    needs.log.progress(statusBlock(status).join("\n"));
    return DONE(needs);
  };
}
