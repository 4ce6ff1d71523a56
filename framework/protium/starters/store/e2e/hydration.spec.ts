import { expect, test } from "@playwright/test";

const tea = "/products/spring-green";

test("the brew guide comes alive where the server rendered it", async ({ page }) => {
  await page.goto(tea);
  const guide = page.locator('[data-go-id="brew-guide-1"]');
  await guide.scrollIntoViewIfNeeded();
  await expect(guide).toContainText("3 g of leaves");
  await guide.getByRole("button", { name: "One cup more" }).click();
  await expect(guide.locator("output")).toHaveText("2 cups");
  await expect(guide).toContainText("6 g of leaves");
});

test("what is bought is in the cart", async ({ page }) => {
  await page.goto(tea);
  await page.getByRole("button", { name: "Add to cart" }).click();
  await expect(page.locator(".cart-badge-count")).toHaveText("1");
  await page.locator(".cart-badge").click();
  await expect(page.locator(".cart-line")).toHaveCount(1);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("what is bought is in the cart too", async ({ page }) => {
    await page.goto(tea);
    await page.getByRole("button", { name: "Add to cart" }).click();
    await expect(page).toHaveURL(/\/cart$/);
    await expect(page.locator(".cart-line")).toHaveCount(1);
  });
});
