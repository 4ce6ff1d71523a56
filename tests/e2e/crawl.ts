/** Crawls the shop. */
import { expect, hydrated, recordMutations, type Page } from "./fixtures.ts";

/** Every URL that the shop links to, from its home page on, including further pages of lists. */
export async function everyPage(page: Page, origin: string): Promise<string[]> {
  const found = new Set(["/"]);
  for (const path of found) {
    const html = await (await page.request.get(origin + path)).text();
    for (const [, quoted] of html.matchAll(/href="(\/[^"#]*)/g)) {
      const href = (quoted ?? "").replaceAll("&amp;", "&");
      const onward = /[?&]direction=next(&|$)/.test(href) ? href : href.replace(/\?.*/, "");
      if (!/^\/(static|_protium)\//.test(onward)) found.add(onward);
    }
  }
  return [...found];
}

/** The handles of products among addresses. */
export const products = (paths: string[]): string[] =>
  paths.flatMap((path) => /^\/products\/([^/?]+)$/.exec(path)?.[1] ?? []);

/** Opens every URL: all visible islands are hydrated, and nothing is written to the page. */
export async function hydrateQuietly(page: Page, paths: string[]): Promise<void> {
  const mutations = await recordMutations(page, "body");
  for (const path of paths) {
    const response = await page.goto(path);
    expect(response?.status(), path).toBe(200);
    await hydrated(page);
    // Islands that wait until they are visible are scrolled to.
    await page.evaluate(() => {
      for (const island of document.querySelectorAll(".card"))
        island.scrollIntoView({ behavior: "instant" });
    });
    await page.waitForFunction(() => {
      const scripts = [...document.querySelectorAll("script[data-go-snapshot]")];
      const islands = scripts.flatMap(
        (s) =>
          (JSON.parse(s.textContent ?? "") as { islands: { id: string; h: string }[] }).islands,
      );
      return islands
        .filter(({ id, h }) => {
          const box = document.querySelector(`[data-go-id="${id}"]`)?.getBoundingClientRect();
          return h === "visible" && box && box.top < innerHeight && box.bottom > 0;
        })
        .every(({ id }) => document.querySelector(`[data-go-id="${id}"][data-go-hydrated]`));
    });
    expect(await mutations(), path).toEqual([]);
  }
}
