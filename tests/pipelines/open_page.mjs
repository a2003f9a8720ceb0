/**
 * Opens a page in the browser of a throw-away folder and prints what it saw as one line of JSON:
 * `open_page.mjs <url> <screenshot> <width>`. Runs in that folder, where its packages are.
 */
import { join } from "node:path";
import { tmpdir } from "node:os";
import { createRequire } from "node:module";

const [url = "", shot = "", width = "1100"] = Deno.args;
/** Not as a constant: the project does not have these packages. */
const load = (name) => import(name);
const { default: bundled, inflate, setupLambdaEnvironment } = await load("@sparticuz/chromium");
const { default: puppeteer } = await load("puppeteer-core");

const launch = async () =>
  await puppeteer.launch({
    executablePath: await bundled.executablePath(),
    args: [...bundled.args, "--force-color-profile=srgb"],
    headless: "shell",
  });

/** With the libraries of this computer, else with those that come with the browser. */
const browser = await launch().catch(async () => {
  const packed = createRequire(join(Deno.cwd(), "x.js")).resolve("@sparticuz/chromium");
  await inflate(join(packed, "..", "..", "bin", "al2023.tar.br"));
  setupLambdaEnvironment(join(tmpdir(), "al2023", "lib"));
  return await launch();
});

const errors = [];
const requests = [];
const page = await browser.newPage();
page.on("console", (message) => {
  if (message.type() === "error" || message.type() === "warn") errors.push(message.text());
});
page.on("pageerror", (error) => errors.push(String(error)));
page.on("requestfailed", (request) => {
  if (!request.url().startsWith("data:")) errors.push(`failed: ${request.url()}`);
});
page.on("request", (request) => {
  if (!request.url().startsWith("data:")) requests.push(request.url());
});
await page.setViewport({ width: Number(width), height: 900 });
await page.goto(url);
const seen = await page.evaluate(() => {
  return {
    title: document.title,
    words: (document.body?.innerText ?? "").split(/\s+/).length,
    charts: [...document.querySelectorAll("svg")].filter((svg) =>
      svg.getBoundingClientRect().width > 50
    ).length,
    pictures: [...document.querySelectorAll("img")].map((image) => image.naturalWidth),
    overflows: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  };
});
await page.screenshot({ path: shot, fullPage: true });
await browser.close();
console.log(JSON.stringify({ ...seen, errors, requests }));
