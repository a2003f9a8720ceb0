/**
 * The studio as a function from requests to answers; it listens nowhere.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { type Context, Hono } from "hono";
import { stepName } from "../lib/run/checkpoint_folder.ts";
import { join } from "node:path";
import type { HasFiles } from "../lib/core/capability.ts";
import { type Answers, answers, answerWith } from "./answer.ts";
import { ASSETS } from "./assets.ts";
import type { StudioNeeds, StudioPlaces } from "./capability.ts";
import { comparePage } from "./pages/compare_page.ts";
import { runsPage, trashPage } from "./pages/runs_page.ts";
import { livePart, watchPage } from "./pages/watch_page.ts";
import { findRun, readCard, readCards, type RunCard } from "./read/run_card.ts";
import { runPicture, samplePicture } from "./read/run_picture.ts";
import { restoreRun, trashedRuns, trashRun } from "./read/trash.ts";
import { runMark, watchRun } from "./read/watch.ts";
import { markEvents } from "./events.ts";
import { type Address, guard, limitBody, safeHeaders, sandboxed } from "./safety/guard.ts";
import type { Session } from "./safety/session.ts";
import { startRoutes } from "./start_routes.ts";
import { type HasProcesses, makeQueue } from "./work/queue.ts";

/** What the studio is made of. */
export interface Studio {
  readonly needs: StudioNeeds & HasProcesses;
  readonly places: StudioPlaces;
  readonly session: Session;
  readonly address: Address;
}

/** The pages that a run brings along. */
const REPORT = /^\/runs\/[^/]+\/report$/;

const matches = (search: string) => ({ summary }: RunCard): boolean =>
  `${summary.folder} ${summary.config["concept"] ?? ""}`.toLowerCase().includes(search.trim().toLowerCase());

const named = (context: Context): string => context.req.param("name") ?? "";
const numbered = (context: Context, name: string): number => Number(context.req.param(name) ?? NaN);

function listRoutes(app: Hono, { places: { runs } }: Studio, { page, redirect }: Answers): void {
  app.get("/", (context) => {
    const { search = "", trashed = "" } = context.req.query();
    const read = pipe(
      readCards(runs),
      RTE.bindTo("cards"),
      RTE.bindW("inTrash", () => trashedRuns(runs)),
    );
    return page(context, read, ({ cards, inTrash }) => ({
      ...{ title: "Runs", room: "/" },
      body: runsPage(cards.filter(matches(search)), { search, trashed, inTrash: inTrash.length }),
    }));
  });
  app.get("/compare", (context) => {
    const chosen = context.req.queries("run") ?? [];
    const read = pipe(
      chosen.slice(0, 3),
      RTE.traverseSeqArray((name) => pipe(findRun(runs, name), RTE.flatMap(readCard))),
    );
    return page(context, read, (cards) => ({ title: "Compare", room: "/", body: comparePage(cards) }));
  });
  app.get(
    "/trash",
    (context) =>
      page(context, trashedRuns(runs), (names) => ({ title: "Trash", room: "/", body: trashPage(names) })),
  );
  app.post("/trash/:name/restore", (context) => redirect(context, restoreRun(runs, named(context)), "/"));
  app.post(
    "/runs/:name/trash",
    (context) =>
      redirect(context, trashRun(runs, named(context)), `/?trashed=${encodeURIComponent(named(context))}`),
  );
}

function runRoutes(app: Hono, { places: { runs }, needs }: Studio, { page }: Answers): void {
  const found = (context: Context) => findRun(runs, named(context));
  app.get("/runs/:name", (context) =>
    page(context, pipe(found(context), RTE.flatMap(watchRun)), (run) => ({
      ...{ title: run.summary.folder, room: "/" },
      body: watchPage(run, runs),
    })));
  app.get("/runs/:name/live", (context) =>
    answerWith(
      context,
      pipe(found(context), RTE.flatMap(watchRun))(needs)(),
      async (run) => context.html(await livePart(run)),
    ));
  app.get(
    "/runs/:name/events",
    (context) =>
      answerWith(context, found(context)(needs)(), (folder) => markEvents(context, runMark(folder)(needs))),
  );
  app.get("/runs/:name/report", (context) =>
    answerWith(
      context,
      pipe(found(context), RTE.flatMap(({ report }) => ({ files }: HasFiles) => files.readText(report)))(
        needs,
      )(),
      (text) => context.html(text),
    ));
}

function pictureRoutes(app: Hono, { places: { runs } }: Studio, { png }: Answers): void {
  const found = (context: Context) => findRun(runs, named(context));
  app.get("/runs/:name/picture", (context) => png(context, pipe(found(context), RTE.flatMap(runPicture))));
  app.get("/runs/:name/samples/:step{[0-9]+}", (context) =>
    png(
      context,
      pipe(
        found(context),
        RTE.flatMap(({ samples }) => ({ files }: HasFiles) =>
          files.readBytes(join(samples, `${stepName(numbered(context, "step"))}.png`))
        ),
      ),
    ));
  app.get("/runs/:name/samples/:step{[0-9]+}/:index{[0-9]+}", (context) =>
    png(
      context,
      pipe(
        found(context),
        RTE.flatMap((folder) => samplePicture(folder, numbered(context, "step"), numbered(context, "index"))),
      ),
    ));
}

/**
 * Makes the studio.
 *
 * @param studio What it is made of.
 * @returns The application; `fetch` answers a request.
 */
export function makeApp(studio: Studio): Hono {
  const app = new Hono();
  const ways = answers(studio.needs);
  const [usual, report] = [safeHeaders(), sandboxed()];
  app.use((context, next) => (REPORT.test(context.req.path) ? report : usual)(context, next));
  app.use(guard(studio.session, studio.address), limitBody());
  app.get("/assets/:name", (context) => {
    const asset = ASSETS.get(named(context));
    return asset === undefined
      ? context.notFound()
      : context.body(asset.text, 200, { "Content-Type": asset.type, "Cache-Control": "no-cache" });
  });
  listRoutes(app, studio, ways);
  runRoutes(app, studio, ways);
  pictureRoutes(app, studio, ways);
  const { needs, places: { runs } } = studio;
  startRoutes(app, { needs, runs, queue: makeQueue(needs) }, ways);
  app.notFound((context) =>
    answerWith(
      context,
      Promise.resolve({
        _tag: "Left",
        left: { _tag: "FileMissing", path: "this page", remedy: "it may have had another address" },
      }),
      () => context.body(null),
    )
  );
  return app;
}
