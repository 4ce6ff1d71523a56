/** The lab: the shop in `lab/`, with components for tests and a hostile catalogue. */
import { test as base } from "./fixtures.ts";
export {
  added,
  addProduct,
  delayWasm,
  expect,
  hydrated,
  recordMutations,
  type Page,
} from "./fixtures.ts";

export const test = base.extend({
  baseURL: process.env["PROTIUM_E2E_LAB_URL"] ?? "http://127.0.0.1:3001",
});
