import { expect, test } from "@playwright/test";

/** A page that is made elsewhere: it has the shop's data and components in its own markup. */
test("a page elsewhere shows a product and its stock", async ({ page, request }) => {
  const product = await (await request.get("/products/morning-blend")).json();
  const stock = await request.get(`/components/stock-level/${product.variants[1].sku}`);
  await page.setContent(
    `<!doctype html><title>Tea</title><h1>${product.title}</h1>${await stock.text()}`,
  );
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Morning Blend");
  await expect(page.locator(".stock-level")).toHaveText("12 pieces");
  await expect(page.locator(".is-few")).toBeVisible();
});
