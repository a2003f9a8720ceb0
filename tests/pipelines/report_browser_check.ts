/**
 * `report.html` in a real headless browser. Run by `deno task test:browser`, not by `deno task test`: a browser is fetched into a
 * throw-away folder. Says so and passes where it cannot be.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { decodePng } from "../../lib/image/decode_png.ts";
import type { RgbImage } from "../../lib/image/image.ts";
import { memoryFiles } from "../run/memory_files.ts";
import { right } from "../run/outcome.ts";
import { writeDemoRun } from "../run/demo_run.ts";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const PACKAGES = {
  nodeModulesDir: "auto",
  imports: {
    "@sparticuz/chromium": "npm:@sparticuz/chromium@153.0.0",
    "puppeteer-core": "npm:puppeteer-core@25.16.0",
  },
};

interface Ran {
  readonly ok: boolean;
  readonly out: string;
  readonly error: string;
}

async function deno(folder: string, ...args: string[]): Promise<Ran> {
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: folder,
    env: { TMPDIR: folder, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  });
  const { success, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).trim();
  return { ok: success, out: text(stdout), error: text(stderr) };
}

/** What the browser saw of a page. */
interface Seen {
  readonly errors: readonly string[];
  readonly requests: readonly string[];
  readonly title: string;
  readonly words: number;
  readonly charts: number;
  /** Natural widths of the pictures; 0 = broken. */
  readonly pictures: readonly number[];
  /** Whether the page is wider than the window. */
  readonly overflows: boolean;
  readonly picture: RgbImage;
}

async function open(folder: string, page: string, width: number): Promise<Seen> {
  const [shot, url] = [join(folder, `shot-${width}.png`), pathToFileURL(page).href];
  const { ok, out, error } = await deno(folder, "run", "-A", "open_page.mjs", url, shot, String(width));
  assert.ok(ok, error);
  const { data, width: wide, height } = right(decodePng(await Deno.readFile(shot), shot)).image;
  return { ...JSON.parse(out.split("\n").at(-1) ?? ""), picture: { data, width: wide, height } };
}

/** Installs the browser and opens an empty page in it; what fails is the reason to skip. */
async function install(folder: string): Promise<string | null> {
  await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify(PACKAGES));
  await Deno.copyFile(join(here, "open_page.mjs"), join(folder, "open_page.mjs"));
  await Deno.writeTextFile(join(folder, "empty.html"), "<title>empty</title>");
  const installed = await deno(folder, "install");
  if (!installed.ok) return installed.error.split("\n").at(-1) ?? "deno install failed";
  const url = pathToFileURL(join(folder, "empty.html")).href;
  const { ok, error } = await deno(
    folder,
    "run",
    "-A",
    "open_page.mjs",
    url,
    join(folder, "empty.png"),
    "300",
  );
  return ok ? null : error.split("\n").find((line) => /error/i.test(line)) ?? error;
}

/** Writes a small run to disk and makes its report by the command. */
async function report(folder: string): Promise<string> {
  const files = memoryFiles();
  const run = await writeDemoRun(files, { name: "mochi", reward: 0.6, drawn: true });
  for (const [path, content] of files.entries) {
    const place = join(folder, path);
    await Deno.mkdir(content === null ? place : dirname(place), { recursive: true });
    if (content !== null) await Deno.writeFile(place, content);
  }
  const place = join(folder, run.path);
  const { ok, error } = await deno(root, "run", "-A", "--no-check", "pipelines/report.ts", place);
  assert.ok(ok, error);
  return join(place, "report.html");
}

/** Share of pixels that have not the commonest colour, and how many colours there are. */
function variety({ data }: RgbImage): { readonly ink: number; readonly colours: number } {
  const counts = new Map<number, number>();
  for (let at = 0; at < data.length; at += 3) {
    const colour = (data[at] as number) << 16 | (data[at + 1] as number) << 8 | (data[at + 2] as number);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return { ink: 1 - Math.max(...counts.values()) / (data.length / 3), colours: counts.size };
}

const folder = await Deno.makeTempDir({ prefix: "report-browser-" });
const missing = await install(folder);
if (missing !== null) console.log(`skipped, no browser can be installed: ${missing}`);

describe("report.html in a browser", { skip: missing !== null }, () => {
  let page = "";
  before(async () => {
    page = await report(folder);
  });

  it("opens from disk without an error and without the network, and isn't blank", async () => {
    const seen = await open(folder, page, 1100);
    assert.deepEqual(seen.errors, []);
    assert.deepEqual(seen.requests, [pathToFileURL(page).href]);
    assert.match(seen.title, /^mochi-/);
    assert.ok(seen.words > 60, `${seen.words} words`);
    assert.ok(seen.charts >= 3, `${seen.charts} charts have a size`);
    assert.ok(seen.pictures.length >= 3 && seen.pictures.every((width) => width > 0), seen.pictures.join());
    const { ink, colours } = variety(seen.picture);
    assert.ok(ink > 0.05 && colours > 50, `${ink} of the picture, ${colours} colours`);
    assert.ok(seen.picture.height > 1200);
  });

  it("fits a narrow window", async () => {
    const seen = await open(folder, page, 420);
    assert.deepEqual([seen.errors, seen.overflows], [[], false]);
  });

  it("would be noticed if it were blank or broken", async () => {
    const broken = join(folder, "broken.html");
    await Deno.writeTextFile(broken, "<script>nothing.here()</script><img src='data:image/png;base64,AAAA'>");
    const seen = await open(folder, broken, 1100);
    assert.match(seen.errors.join(), /nothing is not defined/);
    assert.deepEqual(seen.pictures, [0]);
    assert.ok(variety(seen.picture).ink < 0.01);
  });
});

after(() => Deno.remove(folder, { recursive: true }));
