/** The ANNOUNCE effect: one polite live region for the whole page. */

let region: HTMLElement | undefined;

/** Has screen readers read out a text. */
export function announce(text: string): void {
  if (!region?.isConnected) {
    region = document.createElement("div");
    region.setAttribute("role", "status");
    region.setAttribute("aria-live", "polite");
    region.style.cssText =
      "position:fixed;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap";
    document.body.append(region);
  }
  const place = region;
  // Only a change is read out, also of the same text, and only in a region that is already there.
  place.textContent = "";
  setTimeout(() => (place.textContent = text), 100);
}
