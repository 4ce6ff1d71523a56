/**
 * Edit to pixel: from the save of a file to the frame of an open page that shows it.
 *
 *     cargo build --locked && node tests/benches/dev/edit.mjs
 *
 * A shop as `new` makes it, served by `dev` with the program in target/debug, beside Vite with
 * React and Hydrogen's dev server, in turns, in one Chromium. Needs Go, Chromium
 * (PROTIUM_CHROMIUM) and the packages of tests/e2e (`npm ci`); npm installs Vite and Hydrogen.
 * ROUNDS (20) sets how often each file is saved. Writes target/bench/dev.json.
 */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const root = resolve(import.meta.dirname, "../../..");
const { chromium } = createRequire(join(root, "tests/e2e/package.json"))("@playwright/test");
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
const rounds = Number(process.env.ROUNDS ?? 20);
const folder = mkdtempSync(join(tmpdir(), "edit-to-pixel-"));
const children = [];
/** Before each save, and after the first visit of a page, in milliseconds. */
const REST = 500;
const SETTLED = 3000;

/** Runs to the end. */
function run(program, args, options = {}) {
  const done = spawnSync(program, args, { encoding: "utf8", ...options });
  if (done.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${done.stderr}`);
}

/** Starts a server, and waits for the line with its address. */
async function serve(program, args, options) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"], ...options });
  children.push(child);
  for await (const line of createInterface(child.stdout)) {
    const url = /(http:\/\/[\w.:[\]]+)/.exec(line.replace(/\x1b\[\d+m/g, ""))?.[1];
    if (url) return url;
  }
  throw new Error(`${program} ended`);
}

/** A shop of the template `minimal`, with a style of its own. */
async function protium() {
  const program = join(target, "debug/example-store");
  const shop = join(folder, "shop");
  run(program, ["new", shop, "--template", "minimal", "--path", root]);
  rmSync(join(shop, "Cargo.toml"));
  mkdirSync(join(shop, "static"));
  writeFileSync(join(shop, "static/own.css"), "h1 { letter-spacing: 0px }\n");
  writeFileSync(
    join(shop, "templates/home.html"),
    `{% extends "layout.html" %}
{% block head %}<link rel="stylesheet" href="{{ "own.css" | asset }}">{% endblock %}
{% block main %}
<h1>Heading 0</h1>
<go-counter start="0" hydrate="load"></go-counter>
{% endblock %}
`,
  );
  const counter = join(shop, "components/counter.go");
  const output = "ui.Output(";
  const paragraph = 'ui.P(ui.Attr("id", "markup"), ui.Text("Markup 0")), ';
  writeFileSync(counter, readFileSync(counter, "utf8").replace(output, paragraph + output));
  const url = await serve(program, ["dev", "--shop", shop], {
    env: { ...process.env, PROTIUM_LISTEN: "127.0.0.1:0", PROTIUM_DATA: join(folder, "data") },
  });
  const file = (name) => join(shop, name);
  return {
    name: "protium dev",
    url,
    files: [file("templates/home.html"), file("static/own.css"), counter],
  };
}

/** The same page by a project beside this file, which Vite serves. */
async function vite(name, directory, port, files) {
  const project = join(folder, directory);
  cpSync(join(import.meta.dirname, directory), project, { recursive: true });
  run("npm", ["ci"], { cwd: project });
  const args = ["--host", "127.0.0.1", "--port", port];
  const url = await serve(join(project, "node_modules/.bin/vite"), args, { cwd: project });
  return { name, url, files: files.map((file) => join(project, file)) };
}

/** What each file has once for each round, and how a page shows it. */
const EDITS = [
  { what: "template", from: /Heading \d+/, to: (n) => `Heading ${n}` },
  { what: "style", from: /letter-spacing: \d+px/, to: (n) => `letter-spacing: ${n}px` },
  { what: "component", from: /Markup \d+/, to: (n) => `Markup ${n}` },
];

/** In the page: resolves with the time at which a frame has shown it. */
function shown([what, wanted]) {
  const is = {
    template: () => document.querySelector("h1")?.textContent === wanted,
    style: () =>
      `letter-spacing: ${getComputedStyle(document.querySelector("h1")).letterSpacing}` === wanted,
    component: () => document.querySelector("#markup")?.textContent === wanted,
  }[what];
  return new Promise((resolve) => {
    const look = () => {
      if (!is()) return requestAnimationFrame(look);
      // The task after the next frame: that frame is painted then.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve(performance.timeOrigin + performance.now());
      return requestAnimationFrame(() => port2.postMessage(0));
    };
    look();
  });
}

/** A page with its counter at 3. */
async function open(browser, { url }) {
  const page = await browser.newPage();
  // Vite loads a first page again once it knows what to bundle for it.
  await page.goto(url);
  await page.waitForTimeout(SETTLED);
  await page.goto(url);
  const more = page.getByRole("button", { name: "One more" });
  for (let clicks = 1; clicks <= 3; clicks++) {
    await more.click();
    await page.locator("output", { hasText: `${clicks} click` }).waitFor();
  }
  return page;
}

/** Milliseconds from the save of this edit to the frame that shows it. */
async function edited(page, file, { what, from, to }, round) {
  await page.bringToFront();
  // What the save before still does is not measured.
  await page.waitForTimeout(REST);
  const text = readFileSync(file, "utf8").replace(from, to(round));
  const seen = page.evaluate(shown, [what, to(round)]);
  const saved = performance.timeOrigin + performance.now();
  writeFileSync(file, text);
  return (await seen) - saved;
}

function summary(name, times) {
  const row = { name };
  for (const { what } of EDITS) {
    const sorted = times[what].sort((a, b) => a - b);
    row[what] = Math.round(sorted[Math.floor(sorted.length / 2)]);
    row[`${what} p90`] = Math.round(sorted[Math.floor(sorted.length * 0.9)]);
  }
  return row;
}

const browser = await chromium.launch({
  ...(process.env.PROTIUM_CHROMIUM && { executablePath: process.env.PROTIUM_CHROMIUM }),
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  const servers = [
    await protium(),
    await vite("Vite with React", "vite", "5199", [
      "src/App.jsx",
      "src/own.css",
      "src/Counter.jsx",
    ]),
    await vite("Hydrogen", "hydrogen", "5198", [
      "app/routes/home.jsx",
      "app/own.css",
      "app/Counter.jsx",
    ]),
  ];
  const pages = [];
  for (const server of servers) pages.push(await open(browser, server));
  const times = servers.map(() => Object.fromEntries(EDITS.map(({ what }) => [what, []])));
  for (const [at, edit] of EDITS.entries()) {
    for (let round = 1; round <= rounds; round++) {
      // In turns: what else the machine does meets all of them.
      for (const [which, { files }] of servers.entries()) {
        times[which][edit.what].push(await edited(pages[which], files[at], edit, round));
      }
    }
  }
  for (const [which, { name }] of servers.entries()) {
    const count = await pages[which].locator("output").textContent();
    if (!count.startsWith("3 ")) throw new Error(`${name}: the counter is at ${count}`);
  }
  const rows = servers.map(({ name }, which) => summary(name, times[which]));
  console.table(rows);
  mkdirSync(join(target, "bench"), { recursive: true });
  writeFileSync(join(target, "bench/dev.json"), `${JSON.stringify({ rounds, rows }, null, 2)}\n`);
} finally {
  await browser.close();
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
}
