/**
 * The studio in a real headless browser: every page, by mouse and by keyboard, light, dark and narrow, with axe's rules. Run by
 * `deno task test:browser`, not by `deno task test`. Says so and passes where no browser is there or its driver cannot be fetched.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodePng } from "../../lib/image/decode_png.ts";
import { encodePng } from "../../lib/image/png.ts";
import { solidImage } from "../../lib/image/image.ts";
import { liveFiles } from "../../lib/run/live.ts";
import { appendMetrics } from "../../lib/run/metrics_log.ts";
import { memoryFiles } from "../run/memory_files.ts";
import { right } from "../run/outcome.ts";
import { writeDemoRun } from "../run/demo_run.ts";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const RUN = "mochi-20260301-123005-0a1b2c3d";
const PACKAGES = {
  nodeModulesDir: "auto",
  imports: {
    "puppeteer-core": "npm:puppeteer-core@25.16.0",
    "@axe-core/puppeteer": "npm:@axe-core/puppeteer@4.13.0",
  },
};

/** What the browser saw. */
interface Seen {
  readonly errors: readonly string[];
  readonly foreign: readonly string[];
  readonly problems: readonly string[];
  readonly wide: readonly string[];
  readonly seen: readonly string[];
  readonly charts: number;
  readonly pictures: readonly number[];
  readonly first: string;
  readonly reached: string;
  readonly slid: string;
  readonly still: string;
  readonly gone: string;
  readonly back: number;
  readonly attack: number;
  readonly cookies: readonly unknown[];
}

async function findBrowser(): Promise<string | undefined> {
  for (const path of ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]) {
    if (await Deno.stat(path).then(() => true, () => false)) return path;
  }
  return undefined;
}

const deno = (folder: string, ...args: string[]): Deno.Command =>
  new Deno.Command(Deno.execPath(), {
    args,
    cwd: folder,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", TMPDIR: folder, INIT_CWD: folder },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });

/** Reads lines until one fits. */
async function lineLike(stream: ReadableStream<Uint8Array>, pattern: RegExp): Promise<string> {
  let text = "";
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  while (!pattern.test(text)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`it ended after: ${text}`);
    text += decoder.decode(value, { stream: true });
  }
  reader.releaseLock();
  return pattern.exec(text)?.[0] ?? "";
}

/** Two runs on disk, the first one with a longer way to go. */
async function writeRuns(folder: string): Promise<void> {
  const files = memoryFiles();
  for (const name of ["mochi", "bo"]) {
    const run = await writeDemoRun(files, { name, reward: 0.6, drawn: true });
    right(
      await files.writeAtomic(run.config, `name: ${name}\nconcept: photos/${name}\nrl:\n  max_steps: 8\n`)(),
    );
  }
  for (const [path, content] of files.entries) {
    const place = join(folder, path);
    await Deno.mkdir(content === null ? place : dirname(place), { recursive: true });
    if (content !== null) await Deno.writeFile(place, content);
  }
}

async function visit(folder: string, browser: string): Promise<Seen> {
  const studio = deno(
    root,
    ...[
      "run",
      "--no-check",
      "--no-prompt",
      "--node-modules-dir=none",
      "--unstable-no-legacy-abort",
      "-P=studio",
      `--allow-run=${Deno.execPath()}`,
    ],
    "pipelines/studio.ts",
    "--no-open",
    "--runs",
    join(folder, "runs"),
  ).spawn();
  try {
    const link = (await lineLike(studio.stdout, /http\S+(?=\n)/)).trim();
    const visitor = deno(folder, "run", "-A", "open_studio.mjs", browser, link, folder, RUN).spawn();
    const failed = new Response(visitor.stderr).text();
    await lineLike(visitor.stdout, /ready\n/).catch(async () => assert.fail(await failed));
    const metrics = join(folder, "runs", RUN, "metrics.jsonl");
    right(
      await appendMetrics(metrics, { step: 4, metrics: { reward: 0.7, kl: 0.02, step_time: 2 } })({
        files: liveFiles(),
      })(),
    );
    const writer = visitor.stdin.getWriter();
    await writer.write(new TextEncoder().encode("go on\n"));
    await writer.close();
    const out = await lineLike(visitor.stdout, /^\{.*\}$/m).catch(async () => assert.fail(await failed));
    await Promise.all([visitor.stdout.cancel(), visitor.status]);
    return JSON.parse(out) as Seen;
  } finally {
    studio.kill("SIGINT");
    await Promise.all([studio.stdin.close(), studio.stderr.cancel(), studio.status]);
    await studio.stdout.cancel();
  }
}

const folder = await Deno.makeTempDir({ prefix: "studio-browser-" });
const browser = await findBrowser();
const install = async (): Promise<boolean> => {
  const child = deno(folder, "install").spawn();
  await Promise.all([child.stdin.close(), child.stdout.cancel(), child.stderr.cancel()]);
  return (await child.status).success;
};
await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify(PACKAGES));
const fetched = browser !== undefined && await install();
if (!fetched) {
  console.log(
    `skipped: ${browser === undefined ? "no chromium is installed" : "its driver cannot be fetched"}`,
  );
}

describe("the studio in a browser", { skip: !fetched }, () => {
  let seen: Seen;
  before(async () => {
    await Deno.copyFile(join(here, "open_studio.mjs"), join(folder, "open_studio.mjs"));
    await writeRuns(folder);
    seen = await visit(folder, browser ?? "");
  });

  it("shows every page without an error, offline, with charts and pictures, none of them blank", async () => {
    assert.deepEqual([seen.errors, seen.foreign], [[], []]);
    assert.ok(seen.charts >= 2, `${seen.charts} charts`);
    assert.ok(seen.pictures.length >= 2 && seen.pictures.every((width) => width > 0), seen.pictures.join());
    for (const name of seen.seen) {
      const { image } = right(decodePng(await Deno.readFile(join(folder, `${name}.png`)), name));
      const blank = encodePng(solidImage(image.width, image.height, [246, 245, 242])).length;
      assert.ok(encodePng({ ...image, data: image.data }).length > 3 * blank, `${name} looks blank`);
    }
  });

  it("keeps axe's rules of access, contrast among them, in light and dark, and fits narrow windows", () => {
    assert.deepEqual([seen.problems, seen.wide], [[], []]);
  });

  it("can be used by keyboard alone", () => {
    assert.deepEqual([seen.first, seen.reached, seen.slid], ["Skip to content", `/runs/${RUN}`, "update 1"]);
  });

  it("follows a run without a reload, and leaves the slider where it is", () => {
    assert.equal(seen.still, "update 1");
  });

  it("deletes and undoes", () => {
    assert.match(seen.gone, /is in the trash/);
    assert.equal(seen.back, 2);
  });

  it("is safe from a page of another site in the same browser", () => {
    assert.ok(seen.attack === 401 || seen.attack === 403, `${seen.attack}`);
    assert.deepEqual(seen.cookies, [{ httpOnly: true, sameSite: "Strict" }]);
  });
});

after(() => Deno.remove(folder, { recursive: true }));
