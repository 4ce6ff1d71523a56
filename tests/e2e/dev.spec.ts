/** A shop in development: an open page stays as the shop's files are. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { expect as plain, hydrated, test, type Page } from "./fixtures.ts";

// The toolchain may be busy with other tests.
const expect = plain.configure({ timeout: 90_000 });
test.describe.configure({ mode: "serial", timeout: 240_000 });

const program = process.env["PROTIUM_E2E_STORE"] ?? "../../target/debug/example-store";
let folder: string;
let config: string;
let server: ChildProcess;
let url: string;

const read = (file: string): string => readFileSync(join(folder, "shop", file), "utf8");
const write = (file: string, text: string): void =>
  writeFileSync(join(folder, "shop", file), text);

const PAGE = `{% extends "layout.html" %}
{% block head %}<link rel="stylesheet" href="{{ "own.css" | asset }}">{% endblock %}
{% block main %}
<h1>One</h1>
<go-counter start="0" hydrate="load"></go-counter>
{% endblock %}
`;
const STYLE = "h1 { letter-spacing: 1px }\n";

test.beforeAll(async () => {
  test.setTimeout(240_000);
  folder = mkdtempSync(join(tmpdir(), "protium-dev-"));
  const shop = join(folder, "shop");
  const root = resolve(import.meta.dirname, "../..");
  const made = spawnSync(program, ["new", shop, "--template", "minimal", "--path", root]);
  plain(made.status, String(made.stderr)).toBe(0);
  mkdirSync(join(shop, "static"));
  write("static/own.css", STYLE);
  write("templates/home.html", PAGE);
  // It is served by the program of the tests: compiling one of its own has a test elsewhere.
  rmSync(join(shop, "Cargo.toml"));
  config = read("protium.toml");
  const { PROTIUM_LANE: _, ...environment } = process.env;
  server = spawn(program, ["dev", "--shop", shop], {
    env: {
      ...environment,
      PROTIUM_LISTEN: "127.0.0.1:0",
      PROTIUM_DATA: join(folder, "data"),
      PROTIUM_LIMITS_CPU_MS: "5000",
      PROTIUM_LIMITS_WALL_MS: "20000",
    },
    stdio: ["ignore", "pipe", "ignore"],
  });
  for await (const line of createInterface(server.stdout!)) {
    url = / is open at (\S+)/.exec(line)?.[1] ?? "";
    if (url) break;
  }
});

test.afterAll(() => {
  server?.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** Opens the page as the files are at the beginning, with the counter at this number. */
async function open(page: Page, count: number): Promise<void> {
  await page.goto(url);
  await hydrated(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("One");
  await page.evaluate(() => Reflect.set(window, "notLoadedAgain", true));
  for (let clicks = 0; clicks < count; clicks++) await more(page).click();
  await counts(page, count);
}

const counts = (page: Page, count: number): Promise<void> =>
  expect(page.locator("output")).toHaveText(new RegExp(`^${count} `));

const isTheSamePage = (page: Page): Promise<boolean> =>
  page.evaluate(() => Reflect.get(window, "notLoadedAgain") === true);

const more = (page: Page) => page.getByRole("button", { name: "One more" });

const box = (page: Page) => page.getByRole("alert");

test("an edited component has its new markup, and its state", async ({ page }) => {
  await open(page, 3);
  const before = read("components/counter.go");
  write(
    "components/counter.go",
    before
      .replace("ui.Output(", 'ui.P(ui.Text("New markup")), ui.Output(')
      .replace("c.count++", "c.count += 10"),
  );
  const island = page.locator("[data-go-id='counter-1']");
  await expect(island.getByText("New markup")).toBeVisible();
  await counts(page, 3);
  await more(page).click();
  await counts(page, 13);
  write("components/counter.go", before);
  await expect(page.getByText("New markup")).toHaveCount(0);
  await counts(page, 13);
  await more(page).click();
  await counts(page, 14);
  plain(await isTheSamePage(page)).toBe(true);
});

test("an edited style sheet is exchanged in place", async ({ page }) => {
  await open(page, 1);
  const heading = page.getByRole("heading", { level: 1 });
  await expect(heading).toHaveCSS("letter-spacing", "1px");
  write("static/own.css", "h1 { letter-spacing: 5px }\n");
  await expect(heading).toHaveCSS("letter-spacing", "5px");
  await expect(page.locator("link[href*='own.css']")).toHaveCount(1);
  write("static/own.css", STYLE);
  await expect(heading).toHaveCSS("letter-spacing", "1px");
  await counts(page, 1);
  plain(await isTheSamePage(page)).toBe(true);
});

test("an edited template is shown around islands that keep their state", async ({ page }) => {
  await open(page, 2);
  await more(page).focus();
  const again = '<p>Before</p><h1 class="two">Two</h1>';
  const second = '<go-counter start="7" hydrate="load"></go-counter>';
  write(
    "templates/home.html",
    PAGE.replace("<h1>One</h1>", again).replace("</go-counter>", `</go-counter>${second}`),
  );
  await expect(page.locator("h1.two")).toHaveText("Two");
  await expect(page.locator("output")).toHaveText([/^2 /, /^7 /]);
  await expect(more(page).first()).toBeFocused();
  await more(page).last().click();
  await more(page).first().click();
  await expect(page.locator("output")).toHaveText([/^3 /, /^8 /]);
  write("templates/home.html", PAGE);
  await expect(page.locator("output")).toHaveText([/^3 /]);
  await more(page).click();
  await counts(page, 4);
  plain(await isTheSamePage(page)).toBe(true);
});

test("an island that is given other props begins anew", async ({ page }) => {
  await open(page, 2);
  write("templates/home.html", PAGE.replace('start="0"', 'start="40"'));
  await counts(page, 40);
  await more(page).click();
  await counts(page, 41);
  write("templates/home.html", PAGE);
  await counts(page, 0);
  plain(await isTheSamePage(page)).toBe(true);
});

test("a compiler's error is above the page until it is mended", async ({ page }) => {
  await open(page, 1);
  const before = read("components/counter.go");
  write("components/counter.go", before.replace("c.count++", "c.cuont++"));
  await expect(box(page)).toContainText("counter.go:18:");
  await expect(box(page)).toContainText("c.cuont undefined");
  await expect(box(page)).toContainText(/> +18 \|.*c\.cuont\+\+/);
  await more(page).click();
  await counts(page, 2);
  write("components/counter.go", before);
  await expect(box(page)).toHaveCount(0);
  await counts(page, 2);
  plain(await isTheSamePage(page)).toBe(true);
});

test("a template's error is above the page until it is mended", async ({ page, complaints }) => {
  complaints.allow(/500/);
  await open(page, 1);
  write("templates/home.html", PAGE.replace("<h1>One</h1>", "<h1>{{ 1 + }}</h1>"));
  await expect(box(page)).toContainText("templates/home.html:4:");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("One");
  write("templates/home.html", PAGE);
  await expect(box(page)).toHaveCount(0);
  await counts(page, 1);
  plain(await isTheSamePage(page)).toBe(true);
});

test("a page that was opened while it was broken comes back once it is mended", async ({
  page,
  complaints,
}) => {
  complaints.allow(/500|favicon/);
  write("templates/home.html", PAGE.replace("<h1>One</h1>", "<h1>{{ 1 + }}</h1>"));
  await page.goto(url);
  await expect(page.locator("pre")).toContainText("home.html:4:");
  write("templates/home.html", PAGE);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("One");
});

test("a hundred saves in a second end in the last one", async ({ page, complaints }) => {
  complaints.allow(/500/);
  await open(page, 3);
  for (let save = 1; save <= 100; save++) {
    const heading = save % 3 ? `<h1>Save ${save}</h1>` : "<h1>{{ 1 + }}</h1>";
    write("templates/home.html", PAGE.replace("<h1>One</h1>", heading));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Save 100");
  await expect(box(page)).toHaveCount(0);
  await counts(page, 3);
  write("templates/home.html", PAGE);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("One");
  plain(await isTheSamePage(page)).toBe(true);
});

test("syntax errors in files of each kind, saved a hundred times, are gone when mended", async ({
  page,
  complaints,
}) => {
  complaints.allow(/500/);
  await open(page, 3);
  const sources = ["components/counter.go", "messages/en.json", "protium.toml", "static/own.css"];
  const files = sources.map((file) => [file, read(file)] as const);
  for (let save = 0; save < 100; save++) {
    for (const [file, text] of files) write(file, text.slice(0, (text.length * save) / 100));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await expect(box(page)).toContainText(/counter\.go|en\.json|protium\.toml/);
  for (const [file, text] of files) write(file, text);
  await expect(box(page)).toHaveCount(0);
  await expect(page.getByRole("heading", { level: 1 })).toHaveCSS("letter-spacing", "1px");
  await more(page).click();
  await counts(page, 4);
  plain(await isTheSamePage(page)).toBe(true);
});

test("a component that is deleted while a template has it is named until it is back", async ({
  page,
  complaints,
}) => {
  complaints.allow(/500/);
  await open(page, 2);
  const before = read("components/counter.go");
  rmSync(join(folder, "shop", "components/counter.go"));
  await expect(box(page)).toContainText("templates/home.html:5:");
  await expect(box(page)).toContainText("there is no component <go-counter>");
  await more(page).click();
  await counts(page, 3);
  write("components/counter.go", before);
  await expect(box(page)).toHaveCount(0);
  await counts(page, 3);
  plain(await isTheSamePage(page)).toBe(true);
});

const accent = (page: Page): Promise<string> =>
  page.evaluate(() =>
    getComputedStyle(document.documentElement).getPropertyValue("--color-accent"),
  );

test("a design token in protium.toml is on open pages at once", async ({ page }) => {
  await open(page, 2);
  write("protium.toml", config.replace("#1f5a43", "#aa2200"));
  await expect.poll(() => accent(page)).toBe("#aa2200");
  write("protium.toml", config);
  await expect.poll(() => accent(page)).toBe("#1f5a43");
  await counts(page, 2);
  plain(await isTheSamePage(page)).toBe(true);
});

test("an error in protium.toml is above the page, and the shop goes on", async ({ page }) => {
  await open(page, 1);
  write("protium.toml", config.replace("currency", "curency"));
  const line = 1 + config.split("\n").findIndex((text) => text.startsWith("currency"));
  await expect(box(page)).toContainText(`protium.toml:${line}`);
  await expect(box(page)).toContainText("did you mean `currency`?");
  const other = await page.context().newPage();
  await other.goto(url);
  await expect(other.getByRole("heading", { level: 1 })).toHaveText("One");
  await other.close();
  write("protium.toml", config);
  await expect(box(page)).toHaveCount(0);
  await counts(page, 1);
  plain(await isTheSamePage(page)).toBe(true);
});

test("other settings restart the shop, and an open page keeps its state", async ({ page }) => {
  await open(page, 3);
  const answers: unknown[] = [];
  // On a connection of its own.
  const ask = (): void =>
    void get(url, { agent: false }, (answer) => answers.push(answer.resume().statusCode)).on(
      "error",
      (error) => answers.push(error),
    );
  const asking = setInterval(ask, 20);
  const name = page.getByRole("banner").getByText("Another name");
  write("protium.toml", config.replace(/name = .*/, 'name = "Another name"'));
  await expect(name).toBeVisible();
  await counts(page, 3);
  await more(page).click();
  await counts(page, 4);
  write("protium.toml", config);
  await expect(name).toHaveCount(0);
  clearInterval(asking);
  // No request was refused in between.
  plain(new Set(answers)).toEqual(new Set([200]));
  await counts(page, 4);
  plain(await isTheSamePage(page)).toBe(true);
});

test.describe("the profiler", () => {
  test.use({ javaScriptEnabled: false });

  test("shows what a page took, what was sent and why, without JavaScript", async ({ page }) => {
    const answer = await page.goto(url);
    const timing = (await answer!.headerValue("server-timing")) ?? "";
    const link = /profile;desc="([^"]+)"/.exec(timing)?.[1] ?? "";
    await page.goto(`${url}/_protium/dev`);
    await page.getByRole("link", { name: "GET /", exact: true }).first().click();
    plain(new URL(page.url()).pathname).toBe(link);
    const steps = page.getByRole("region", { name: "Steps" });
    for (const step of ["handler", "template", "guest", "splice"])
      await expect(steps.getByRole("rowheader", { name: step }).first()).toBeVisible();
    await expect(steps.getByRole("rowheader", { name: "template=home.html" })).toBeVisible();
    const islands = page.getByRole("region", { name: "Islands" }).getByRole("row");
    const island = islands.filter({ hasText: "counter-1" });
    await expect(island).toContainText(/<go-counter>.*load.*count/s);
    await expect(page.getByText("The page cache is off in development")).toBeVisible();
    await expect(page.getByText("Everybody: it has nothing of a visitor.")).toBeVisible();
  });
});
