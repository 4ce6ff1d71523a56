/** Fallback to a page without handlers: its forms and links work natively. */
import { islands } from "./blocks.ts";
import { capture } from "./queue.ts";
import { state } from "./state.ts";

/** Dispatches `go:error`, and in development logs it unless a listener prevents that. */
export function report(detail: { message: string; stack?: string | undefined }): void {
  if (
    document.dispatchEvent(new CustomEvent("go:error", { cancelable: true, detail })) &&
    state.module_?.dev_
  )
    console.error("protium:", detail);
}

/** Reports the error, and leaves all islands and queued events to the browser. */
export function giveUp(error?: unknown): undefined {
  if (error) {
    report({ message: String(error) });
    // Handlers cannot work, even if the module loads later.
    state.lost_ = true;
  }
  for (const { block_ } of islands.values()) block_?.root_.removeAttribute("data-go-hydrated");
  capture().r();
}
