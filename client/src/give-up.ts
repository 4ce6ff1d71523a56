/** The end of handlers on a page: from here on its forms and links work natively. */
import { islands } from "./block.ts";
import { capture } from "./queue.ts";

/** Tells the document of an error. Whether nobody cancelled it. */
export const report = (detail: { message: string }): boolean =>
  document.dispatchEvent(new CustomEvent("go:error", { cancelable: true, detail }));

/** Reports the error, and leaves all islands to the browser; what waits to be sent is sent natively. */
export function giveUp(error?: unknown): undefined {
  if (error) report({ message: String(error) });
  for (const { block_ } of islands.values()) block_?.root_.removeAttribute("data-go-hydrated");
  capture().r();
}
