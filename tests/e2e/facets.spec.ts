/** Lists are narrowed by their facets: a plain form, plain links, with and without JavaScript. */
import { expect, test, type Page } from "./fixtures.ts";

const facet = (page: Page, name: string) => page.getByRole("group", { name, exact: true });
const show = (page: Page) => page.getByRole("button", { name: "Show products" });
const cards = (page: Page) => page.locator(".grid .card");

/** The count beside a value of a facet. */
async function count(page: Page, group: string, value: string): Promise<number> {
  const label = facet(page, group).locator("label", { hasText: value }).first();
  return Number(await label.locator(".facet-count").innerText());
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });

    test("a collection is narrowed by type and price, sorted, and made whole again", async ({
      page,
    }) => {
      await page.goto("/collections/all");
      const kitchen = await count(page, "Type", "Kitchen");
      expect(kitchen).toBeGreaterThan(1);
      await facet(page, "Type").getByLabel("Kitchen").check();
      await show(page).click();
      await expect(page).toHaveURL(/[?&]filter\.p\.product_type=Kitchen/);
      await expect(cards(page)).toHaveCount(kitchen);
      await expect(facet(page, "Type").getByLabel("Kitchen")).toBeChecked();
      // Other types are counted as if none was chosen.
      expect(await count(page, "Type", "Watering")).toBeGreaterThan(0);
      await expect(page.locator('meta[name="robots"]')).toHaveAttribute("content", "noindex");
      const canonical = page.locator('link[rel="canonical"]');
      await expect(canonical).toHaveAttribute("href", /\/collections\/all$/);

      await page.getByLabel("To", { exact: true }).fill("20");
      await show(page).click();
      await expect(page).toHaveURL(/filter\.v\.price\.lte=20/);
      const cheap = await cards(page).count();
      expect(cheap).toBeGreaterThan(0);
      expect(cheap).toBeLessThan(kitchen);

      await page.getByLabel("Sort by").selectOption("price-desc");
      await page.getByRole("button", { name: "Sort", exact: true }).click();
      await expect(page).toHaveURL(/filter\.p\.product_type=Kitchen.*sort=price-desc/);
      await expect(cards(page)).toHaveCount(cheap);

      await page.getByRole("link", { name: "Remove filter: Kitchen" }).click();
      await expect(page).toHaveURL(/filter\.v\.price\.lte=20/);
      await page.getByRole("link", { name: "Remove all filters" }).click();
      await expect(page).toHaveURL(/\/collections\/all\?sort=price-desc$/);
      await expect(page.getByRole("region", { name: "Chosen filters" })).toHaveCount(0);
    });

    test("a list that nothing fits says so, and how to go on", async ({ page }) => {
      await page.goto("/collections/all?filter.p.product_type=Nothing");
      await expect(page.getByText("No product has all of this.")).toBeVisible();
      await expect(facet(page, "Type").getByLabel("Nothing")).toBeChecked();
      await page.getByRole("link", { name: "Remove all filters" }).last().click();
      await expect(page).toHaveURL(/\/collections\/all$/);
    });

    test("a search is narrowed and keeps its words", async ({ page }) => {
      await page.goto("/search?q=seeds");
      const whole = await cards(page).count();
      await page.getByLabel("To", { exact: true }).fill("5");
      await show(page).click();
      await expect(page).toHaveURL(/\/search\?q=seeds&/);
      expect(await cards(page).count()).toBeLessThan(whole);
      await expect(page.getByRole("heading", { level: 1 })).toContainText("seeds");
    });
  });
}

test("on a phone the filters are folded, and open by keyboard", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 800 });
  await page.goto("/collections/all");
  const fold = page.locator(".facets-summary");
  await expect(show(page)).toBeHidden();
  await fold.focus();
  await page.keyboard.press("Enter");
  await expect(show(page)).toBeVisible();
  await facet(page, "Type").getByLabel("Kitchen").focus();
  await page.keyboard.press("Space");
  await show(page).press("Enter");
  await expect(page).toHaveURL(/filter\.p\.product_type=Kitchen/);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect(wide).toBe(false);
});
