/** The back/forward cache. Playwright disables it, so this browser is started with it. */
import { chromium } from "@playwright/test";
import { addFromCard, expect, hydrated, test } from "./fixtures.ts";

test("a page that comes back from the back/forward cache shows the cart as it is now", async ({
  baseURL,
  launchOptions,
}) => {
  const browser = await chromium.launch({
    ...launchOptions,
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
  });
  const context = await browser.newContext(baseURL ? { baseURL } : {});
  await context.addInitScript(() => {
    // The restored page stores its state where another tab can read it.
    addEventListener("pageshow", ({ persisted }) => {
      if (!persisted) return;
      const note = (): void =>
        localStorage.setItem(
          "back",
          document.querySelector(".cart-badge-count")?.textContent ?? "no badge",
        );
      note();
      new MutationObserver(note).observe(document.body, {
        subtree: true,
        childList: true,
        characterData: true,
      });
    });
    const ids: string[] = [];
    Reflect.set(window, "protiumTestHydrated", ids);
    document.addEventListener("go:hydrated", (event) =>
      ids.push((event as CustomEvent<{ id: string }>).detail.id),
    );
  });
  const page = await context.newPage();
  await page.goto("/");
  await hydrated(page);
  await addFromCard(page);
  const other = await context.newPage();
  await other.goto("/cart");
  const back = () => other.evaluate(() => localStorage.getItem("back"));
  expect(await back()).toBe(null);
  await page.bringToFront();
  await page.evaluate(() => void setTimeout(() => history.back(), 50));
  await expect.poll(back).toBe("1");
  await browser.close();
});
