/** The browser tests of a new shop, which runs already: with this repository's browser. */
import { defineConfig } from "@playwright/test";
import shops from "./playwright.config.ts";

const { PROTIUM_E2E_STARTER: testDir = "." } = process.env;

export default defineConfig(shops, { testDir, reporter: "list" });
