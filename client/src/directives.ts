/** Hydrate directives other than `load`: when an island is hydrated. */
import type { Island } from "./blocks.ts";

/**
 * Calls `now`, which hydrates the island, when its directive says. Unknown ones count as `load`.
 */
export function schedule({ root_: root, placed_: { h } }: Island, now: () => void): void {
  const [, query] = /^media\((.*)\)$/.exec(h) ?? [];
  if (h == "idle") {
    // Safari has no idle callbacks.
    "requestIdleCallback" in window
      ? requestIdleCallback(now, { timeout: 2e3 })
      : setTimeout(now, 200);
  } else if (h == "visible") {
    new IntersectionObserver((entries, observer) => {
      if (entries.some((entry) => entry.isIntersecting)) {
        observer.disconnect();
        now();
      }
    }).observe(root);
  } else if (h == "interaction") {
    for (const type of ["pointerover", "focusin", "touchstart"])
      root.addEventListener(type, now, { once: true, passive: true });
  } else if (query) {
    const media = matchMedia(query);
    media.matches ? now() : media.addEventListener("change", now, { once: true });
  } else {
    now();
  }
}
