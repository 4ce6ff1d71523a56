/** The lab in development: a panic in a handler names its component, its place and its message. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { expect, hydrated, test } from "./lab.ts";

// A first start builds the components.
const START = 240_000;

const root = resolve(import.meta.dirname, "../..");
let server: ChildProcess | undefined;
let data = "";
let url = "";

test.beforeAll(async () => {
  test.setTimeout(START);
  data = mkdtempSync(join(tmpdir(), "protium-dev-"));
  server = spawn(
    process.env["PROTIUM_E2E_STORE"]!,
    ["--shop", join(root, "tests/e2e/lab"), "--dev"],
    {
      env: { ...process.env, PROTIUM_LISTEN: "127.0.0.1:0", PROTIUM_DATA: data },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  for await (const line of createInterface({ input: server.stdout! })) {
    url = /is open at (http:\/\/\S+)/.exec(line)?.[1] ?? "";
    if (url) break;
  }
  expect(url).not.toBe("");
});

test.afterAll(() => {
  server?.kill();
  rmSync(data, { recursive: true, force: true });
});

test("a panic in a handler is in the console and on the page, with place and message", async ({
  page,
  complaints,
}) => {
  complaints.allow(/./);
  const lines = readFileSync(join(root, "components-go/lab/main.go"), "utf8").split("\n");
  const line = lines.findIndex((text) => text.includes('panic("told to fail")')) + 1;
  const said = new RegExp(`panic in Fail of <go-counter .*>, lab/main\\.go:${line}: told to fail`);
  const errors: string[] = [];
  page.on("console", (message) => message.type() == "error" && errors.push(message.text()));

  await page.goto(url + "/pages/counters");
  await hydrated(page);
  const first = page.locator('[data-go-id="counter-1"]');
  await first.locator(".inc").click();
  await first.locator(".fail").click();
  await expect(page.locator('[data-go-failed="counter-1"]')).toHaveText(said);
  expect(errors.some((error) => said.test(error))).toBe(true);
  await first.locator(".inc").click();
  await expect(first.locator("output")).toHaveText("3");
});

test("a component that the server could not render says why in the console too", async ({
  page,
  complaints,
}) => {
  complaints.allow(/./);
  const errors: string[] = [];
  page.on("console", (message) => message.type() == "error" && errors.push(message.text()));
  await page.goto(url + "/pages/fuses");
  await hydrated(page);
  await expect(page.locator('[data-go-failed="fuse-13"]')).toHaveText(
    /panic in <go-fuse .*>, lab\/main\.go:\d+: blown/,
  );
  await expect
    .poll(() => errors.some((error) => error.includes("lab/main.go") && error.includes("blown")))
    .toBe(true);
});
