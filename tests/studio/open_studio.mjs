// Goes through the studio in a real browser and prints, as JSON, what it saw. Arguments: browser, link, folder, name of a run.
import process from "node:process";

/** Not as constants: the project does not have these packages. */
const load = (name) => import(name);
const { AxePuppeteer } = await load("@axe-core/puppeteer");
const { default: puppeteer } = await load("puppeteer-core");

const [browserPath, link, folder, run] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
const page = await browser.newPage();
const errors = [];
const foreign = [];
page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
page.on("pageerror", (error) => errors.push(error.message));
page.on("request", (request) => {
  const { origin, protocol } = new URL(request.url());
  if (protocol.startsWith("http") && origin !== new URL(link).origin) foreign.push(request.url());
});

const origin = new URL(link).origin;
const problems = [];
const wide = [];
const seen = [];

async function look(name, path, { width = 1100, scheme = "light" } = {}) {
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.setViewport({ width, height: 800 });
  await page.goto(origin + path, { waitUntil: "load" });
  await new Promise((resolve) => setTimeout(resolve, 400));
  const { violations } = await new AxePuppeteer(page).setLegacyMode().analyze();
  problems.push(...violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes[0].html}`));
  if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) wide.push(name);
  seen.push(name);
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

await page.goto(link, { waitUntil: "load" });
await look("runs", "/");
await look("runs-dark", "/", { scheme: "dark" });
await look("runs-narrow", "/", { width: 390 });
await look("run", `/runs/${run}`);
const charts = await page.$$eval(".plot canvas", (all) => all.filter((canvas) => canvas.width > 0).length);
const pictures = await page.$$eval("main img", (all) => all.map(({ naturalWidth }) => naturalWidth));
await look("run-dark", `/runs/${run}`, { scheme: "dark" });
await look("run-narrow", `/runs/${run}`, { width: 390 });
await look("start", "/start");
await look("start-dark", "/start", { scheme: "dark" });
await look("start-narrow", "/start", { width: 390 });
await look("trash", "/trash");
await look("compare", `/compare?run=${run}&run=${run}`);

// By keyboard alone: skip to the content, search, open the run.
await page.goto(`${origin}/`, { waitUntil: "load" });
await page.keyboard.press("Tab");
const first = await page.evaluate(() => document.activeElement.textContent);
for (let press = 0; press < 30; press++) {
  if (await page.evaluate(() => document.activeElement.id === "search")) break;
  await page.keyboard.press("Tab");
}
await page.keyboard.type(run.slice(0, 3));
await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
for (let press = 0; press < 30; press++) {
  if (await page.evaluate((name) => document.activeElement.getAttribute("href")?.endsWith(name), run)) break;
  await page.keyboard.press("Tab");
}
await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
const reached = new URL(page.url()).pathname;
await page.focus("#time");
await page.keyboard.press("Home");
const slid = await page.$eval("#step", ({ textContent }) => textContent);

// The run goes on: a new update appears without a reload.
console.log("ready");
await new Promise((resolve) => process.stdin.once("data", resolve));
await page.waitForFunction(() => document.querySelector(".tile b").textContent.startsWith("4 /"), {
  timeout: 15000,
});
const still = await page.$eval("#step", ({ textContent }) => textContent);

// Delete and undo.
await page.goto(`${origin}/`, { waitUntil: "load" });
await Promise.all([page.waitForNavigation(), page.click("button.danger")]);
const gone = await page.$eval(".notice", ({ textContent }) => textContent);
await Promise.all([page.waitForNavigation(), page.click(".notice button")]);
const back = await page.$$eval(".run", (all) => all.length);

// A page of another site tries to delete the run, with the browser's cookie at hand.
const quiet = [...errors];
const cookies = await browser.cookies();
await page.goto("about:blank");
await page.setContent(`<form method="post" action="${origin}/runs/${run}/trash"></form>`);
const [attack] = await Promise.all([
  page.waitForNavigation(),
  page.evaluate(() => document.querySelector("form").submit()),
]);
console.log(JSON.stringify({
  ...{
    errors: quiet,
    foreign,
    problems,
    wide,
    seen,
    charts,
    pictures,
    first,
    reached,
    slid,
    still,
    gone,
    back,
  },
  ...{ attack: attack.status(), cookies: cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite })) },
}));
await browser.close();
