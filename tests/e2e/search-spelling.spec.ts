import { expect, test } from "@playwright/test";

test("a corrected query is shown, with a link to the query as typed", async ({ page }) => {
  await page.goto("/search?q=trowle");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Showing results for “trowel”");
  await expect(page.locator(".card-title", { hasText: "Trowel" }).first()).toBeVisible();
  await page.getByRole("button", { name: "Search for “trowle” instead" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Nothing for “trowle”");
  await expect(page).toHaveURL(/q=trowle&exact=1/);
});

test("without products for all words, those for some are shown with a note", async ({ page }) => {
  await page.goto("/search?q=titanium+trowel");
  await expect(page.getByText("No product has all words; these have some.")).toBeVisible();
  await expect(page.locator(".card-title", { hasText: "Trowel" }).first()).toBeVisible();
});

test("suggestions show the correction of a misspelt word", async ({ page }) => {
  await page.goto("/");
  const field = page.getByRole("search").getByRole("combobox");
  await field.click();
  await field.pressSequentially("trowle");
  const options = page.getByRole("listbox", { name: "Suggestions" }).getByRole("option");
  await expect(options.filter({ hasText: "Trowel" }).first()).toBeVisible();
  await expect(page.locator(".suggestions-note")).toHaveText("Showing results for “trowel”");
});
