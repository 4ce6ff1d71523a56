import { defineConfig, devices } from "@playwright/test";

/**
 * `cargo test` sets these. By hand: the example store on port 3000, `--shop tests/e2e/lab` on 3001,
 * on 3002 the example store with the files of tests/data/shopify-csv imported, and on 3003 the
 * bookshop as framework/docs/new-shop.md makes it; a plain `npx playwright test` finds them.
 */
const {
  PROTIUM_E2E_BASE_URL: baseURL = "http://127.0.0.1:3000",
  PROTIUM_E2E_RESULTS: outputDir,
  PROTIUM_E2E_REPORT: report,
  PROTIUM_CHROMIUM: executablePath,
} = process.env;

export default defineConfig({
  testDir: ".",
  ...(outputDir && { outputDir }),
  reporter: report ? [["list"], ["json", { outputFile: report }]] : "list",
  forbidOnly: Boolean(process.env.CI),
  fullyParallel: true,
  workers: 2,
  // No retries: a test that passes at the second attempt has found something.
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    ...devices["Desktop Chrome"],
    baseURL,
    actionTimeout: 15_000,
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: {
      ...(executablePath && { executablePath }),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
