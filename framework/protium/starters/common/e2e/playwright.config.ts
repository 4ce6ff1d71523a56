import { defineConfig, devices } from "@playwright/test";

/** The tests start the shop with data of their own, on a port of their own. */
const listen = "127.0.0.1:3100";

export default defineConfig({
  testDir: ".",
  forbidOnly: Boolean(process.env["CI"]),
  fullyParallel: true,
  use: {
    ...devices["Desktop Chrome"],
    baseURL: `http://${listen}`,
    trace: "retain-on-failure",
  },
  webServer: {
    command: "cargo run",
    cwd: "..",
    env: { PROTIUM_LISTEN: listen, PROTIUM_DATA: "target/e2e" },
    url: `http://${listen}/healthz`,
    // A first start compiles the shop's program and its components.
    timeout: 20 * 60_000,
  },
});
