import { expect, test } from "@playwright/test";

test("the sum comes alive where the server rendered it", async ({ page }) => {
  await page.goto("/");
  const power = page.locator('[data-go-id="power-use-1"]');
  await power.scrollIntoViewIfNeeded();
  await expect(power).toContainText("7 kWh in a year.");
  await power.getByRole("slider").fill("5");
  await expect(power.locator("output")).toHaveText("5 hours a day");
  await expect(power).toContainText("11 kWh in a year.");
});

test("what is bought is in the cart, in the colour that was chosen", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("link", { name: "Sand", exact: true }).click();
  await page.getByRole("button", { name: "Add to cart" }).click();
  await expect(page.locator(".cart-badge-count")).toHaveText("1");
  await page.locator(".cart-badge").click();
  await expect(page.locator(".cart-line-variant")).toHaveText("Sand");
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("what is bought is in the cart too", async ({ page }) => {
    await page.goto("/");
    await page.getByRole("button", { name: "Add to cart" }).click();
    await expect(page).toHaveURL(/\/cart$/);
    await expect(page.locator(".cart-line")).toHaveCount(1);
  });
});
