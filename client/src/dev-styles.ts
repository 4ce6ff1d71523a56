/** Development: exchanges style sheets in place. */

/** Loads those that differ, each beside the old one, which goes once the new one is there. */
export async function exchangeStyles(
  before: { [plain: string]: string },
  now: { [plain: string]: string },
): Promise<void> {
  const links = document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]");
  await Promise.all(
    [...links].map((old) => {
      const { origin, pathname } = new URL(old.href);
      const plain = decodeURIComponent(pathname);
      const hashed = now[plain];
      if (origin != location.origin || !hashed || hashed == before[plain]) return undefined;
      const fresh = old.cloneNode() as HTMLLinkElement;
      fresh.href = `${pathname}?${hashed.split("/").pop()!}`;
      return new Promise<void>((resolve) => {
        const done = (gone: HTMLLinkElement) => () => (gone.remove(), resolve());
        fresh.onload = done(old);
        // There is no server: the page stays as it is.
        fresh.onerror = done(fresh);
        old.after(fresh);
      });
    }),
  );
}
