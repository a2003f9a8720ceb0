/**
 * From stages to answers.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { Context } from "hono";
import { html } from "hono/html";
import { describe, type PipelineError } from "../lib/core/error.ts";
import type { Stage } from "../lib/core/stage.ts";
import type { StudioNeeds } from "./capability.ts";
import { layout, type Page } from "./pages/layout.ts";

const statusOf = (error: PipelineError): 404 | 409 | 500 =>
  error._tag === "FileMissing" ? 404 : error._tag === "InputInvalid" ? 409 : 500;

/**
 * Makes the page of an error: what, where, remedy, and the way back.
 *
 * @param error What went wrong.
 * @returns The answer, with the status that fits.
 */
export function errorAnswer(context: Context, error: PipelineError): Response | Promise<Response> {
  const body = html`
    <div class="empty">
      <h1>That did not work</h1>
      <p>${describe(error)}</p>
      <p><a href="/">Back to the runs</a></p>
    </div>
  `;
  return context.html(layout({ title: "That did not work", body }), statusOf(error));
}

/**
 * Runs a stage and answers with its value.
 *
 * @param stage What is done.
 * @param answer Makes the answer of the value.
 * @returns A handler's answer; the page of the error on the left.
 */
export async function answerWith<A>(
  context: Context,
  stage: Promise<E.Either<PipelineError, A>>,
  answer: (value: A) => Response | Promise<Response>,
): Promise<Response> {
  const outcome = await stage;
  return await (E.isLeft(outcome) ? errorAnswer(context, outcome.left) : answer(outcome.right));
}

/** Answers requests by stages. */
export interface Answers {
  readonly page: <A>(
    context: Context,
    stage: Stage<StudioNeeds, A>,
    page: (value: A) => Page,
  ) => Promise<Response>;
  readonly redirect: (context: Context, stage: Stage<StudioNeeds, unknown>, to: string) => Promise<Response>;
  readonly png: (context: Context, stage: Stage<StudioNeeds, Uint8Array | null>) => Promise<Response>;
}

const pngAnswer = (context: Context, bytes: Uint8Array | null): Response =>
  bytes === null
    ? context.redirect("/assets/mark.svg", 303)
    : context.body(Uint8Array.from(bytes).buffer, 200, { "Content-Type": "image/png" });

/**
 * Makes the ways to answer.
 *
 * @param needs What the stages need.
 */
export function answers(needs: StudioNeeds): Answers {
  return {
    page: (context, stage, page) =>
      answerWith(context, stage(needs)(), async (value) => context.html(await layout(page(value)))),
    redirect: (context, stage, to) => answerWith(context, stage(needs)(), () => context.redirect(to, 303)),
    png: (context, stage) => answerWith(context, stage(needs)(), (bytes) => pngAnswer(context, bytes)),
  };
}
