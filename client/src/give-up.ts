/** The end of handlers on a page: from here on its forms and links work natively. */
import { islands } from "./blocks.ts";
import { capture } from "./queue.ts";
import { state } from "./state.ts";

/** Tells the document of an error, and in development the console. */
export function report(detail: { message: string; stack?: string | undefined }): void {
  if (
    document.dispatchEvent(new CustomEvent("go:error", { cancelable: true, detail })) &&
    state.module_?.dev_
  )
    console.error("protium:", detail);
}

/**
 * Reports the error, and leaves all islands to the browser; what waits to be sent is sent natively.
 */
export function giveUp(error?: unknown): undefined {
  if (error) {
    report({ message: String(error) });
    // It is not the module that is late: it would be of no use.
    state.lost_ = true;
  }
  for (const { block_ } of islands.values()) block_?.root_.removeAttribute("data-go-hydrated");
  capture().r();
}
