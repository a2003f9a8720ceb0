/**
 * What starts, stops and continues runs.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Context, Hono } from "hono";
import { describe, type PipelineError } from "../lib/core/error.ts";
import type { Answers } from "./answer.ts";
import { answerWith, errorAnswer } from "./answer.ts";
import type { StudioNeeds } from "./capability.ts";
import { markEvents } from "./events.ts";
import { queuePart, startPage } from "./pages/start_page.ts";
import { findRun } from "./read/run_card.ts";
import type { Queue } from "./work/queue.ts";
import { commandOfForm, presets } from "./work/start_form.ts";

/** What the routes are made of. */
export interface Starting {
  readonly needs: StudioNeeds;
  readonly runs: string;
  readonly queue: Queue;
}

const problemsOf = (error: PipelineError): readonly string[] =>
  error._tag === "ConfigInvalid" ? error.problems : [describe(error)];

async function formOf(context: Context): Promise<Readonly<Record<string, string>>> {
  const body = await context.req.parseBody();
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => typeof value === "string" ? [[name, value]] : []),
  );
}

/** Queues a command and leads to the queue; a second tab with the same command is told so. */
function enqueue(context: Context, queue: Queue, words: readonly string[]): Response | Promise<Response> {
  if (queue.add(words) !== undefined) return context.redirect("/start", 303);
  return errorAnswer(context, {
    ...{ _tag: "InputInvalid", where: "this command", problem: "waits or runs already" },
    remedy: "see the queue under Start",
  });
}

function continueRoute(app: Hono, { needs, runs, queue }: Starting): void {
  app.post("/runs/:name/continue", async (context) => {
    const { steps = "" } = await formOf(context);
    const name = context.req.param("name");
    const words = pipe(
      findRun(runs, name),
      RTE.filterOrElse(
        () => /^\d{0,7}$/.test(steps),
        (): PipelineError => ({
          ...{ _tag: "InputInvalid", where: "rl.max_steps", problem: `${steps} is no number of updates` },
          remedy: "write a whole number",
        }),
      ),
      RTE.map(({ path }) => [
        ...["train", "--resume", path],
        ...(runs === "runs" ? [] : ["--set", `runs=${runs}`]),
        ...(steps === "" ? [] : ["--set", `rl.max_steps=${steps}`]),
      ]),
    );
    return await answerWith(context, words(needs)(), (words) => enqueue(context, queue, words));
  });
}

/**
 * Adds the routes.
 *
 * @param starting What they are made of.
 * @param answers How pages are answered.
 */
export function startRoutes(app: Hono, starting: Starting, { page }: Answers): void {
  const { needs, queue } = starting;
  app.get("/start", (context) =>
    page(context, presets(), (known) => ({
      ...{ title: "Start", room: "/start" },
      body: startPage({ values: {}, problems: [] }, known, queue.jobs()),
    })));
  app.post("/start", async (context) => {
    const values = await formOf(context);
    const command = await commandOfForm(values)(needs)();
    if (E.isRight(command)) return await enqueue(context, queue, command.right);
    const problems = problemsOf(command.left);
    const answer = await page(context, presets(), (known) => ({
      ...{ title: "Start", room: "/start" },
      body: startPage({ values, problems }, known, queue.jobs()),
    }));
    return new Response(answer.body, { status: 422, headers: answer.headers });
  });
  app.get("/queue/part", async (context) => context.html(await queuePart(queue.jobs())));
  app.get("/queue/events", (context) => markEvents(context, TE.fromIO(() => JSON.stringify(queue.jobs()))));
  app.post("/queue/:id{[0-9]+}/stop", (context) => {
    queue.stop(Number(context.req.param("id")));
    return context.redirect("/start", 303);
  });
  continueRoute(app, starting);
}
