import { expect, test } from "@playwright/test";

test("the counter comes alive where the server rendered it, and counts", async ({ page }) => {
  await page.goto("/");
  const counter = page.locator('[data-go-id="counter-1"]');
  const count = counter.locator("output");
  await expect(count).toHaveText("0 clicks");
  for (const text of ["1 click", "2 clicks", "3 clicks"]) {
    await counter.getByRole("button", { name: "One more" }).click();
    await expect(count).toHaveText(text);
  }
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the page is complete", async ({ page }) => {
    await page.goto("/");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.locator("output")).toHaveText("0 clicks");
  });
});
