/** The part for development: reports of mismatches and errors. */
import { showErrors } from "./dev-errors.ts";

export { reportMismatch as report } from "./dev-mismatch.ts";

showErrors();
