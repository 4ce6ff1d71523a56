/** The keyboard in the search box. */
import { expect, hydrated, test, type Page } from "./fixtures.ts";

async function suggestions(page: Page): Promise<void> {
  await page.goto("/");
  const field = page.locator(".search-input").first();
  await field.click();
  await hydrated(page, "search-box-1");
  await field.fill("watering");
  await expect(page.locator(".suggestion").first()).toBeVisible();
}

test("arrow and Enter open the suggestion, by its own address", async ({ page }) => {
  await suggestions(page);
  const href = (await page.locator(".suggestion").first().getAttribute("href")) ?? "";
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname == href);
  expect(new URL(page.url()).search).toBe("");
});

test("Enter without a suggestion searches", async ({ page }) => {
  await suggestions(page);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/search?q=watering");
});

test("composition keys do not move the selection", async ({ page }) => {
  await suggestions(page);
  const press = (init: object) =>
    page
      .locator(".search-input")
      .first()
      .evaluate((field, init) => {
        const event = new KeyboardEvent("keydown", {
          key: "ArrowDown",
          bubbles: true,
          cancelable: true,
          ...init,
        });
        field.dispatchEvent(event);
        return event.defaultPrevented;
      }, init);
  expect(await press({ isComposing: true })).toBe(false);
  expect(await press({ keyCode: 229 })).toBe(false);
  await expect(page.locator(".suggestion[aria-selected=true]")).toHaveCount(0);
  expect(await press({})).toBe(true);
  await expect(page.locator(".suggestion[aria-selected=true]")).toHaveCount(1);
});
