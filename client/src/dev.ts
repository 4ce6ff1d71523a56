/**
 * The part for development: reports of mismatches and errors, and a page that stays as the shop's
 * files are. Every page loads it, and the core of one with islands passes itself to it.
 */
import type { Core } from "./core.ts";
import { showErrors } from "./dev-errors.ts";
import { followChanges, provide } from "./dev-live.ts";
import { reportMismatch } from "./dev-mismatch.ts";

export default function dev(core: Core): void {
  core.state_.reporter_ = reportMismatch;
  provide(core);
}

showErrors();
followChanges();
