import { expect, test } from "@playwright/test";

test("a misspelt query says what it shows, and offers the query as it was typed", async ({
  page,
}) => {
  await page.goto("/search?q=trowle");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Showing results for “trowel”");
  await expect(page.locator(".card-title", { hasText: "Trowel" }).first()).toBeVisible();
  await page.getByRole("button", { name: "Search for “trowle” instead" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Nothing for “trowle”");
  await expect(page).toHaveURL(/q=trowle&exact=1/);
});

test("a query that no product has all words of shows those that have some, and says so", async ({
  page,
}) => {
  await page.goto("/search?q=titanium+trowel");
  await expect(page.getByText("No product has all words; these have some.")).toBeVisible();
  await expect(page.locator(".card-title", { hasText: "Trowel" }).first()).toBeVisible();
});

test("suggestions say what was made of a misspelt word", async ({ page }) => {
  await page.goto("/");
  const field = page.getByRole("search").getByRole("combobox");
  await field.click();
  await field.pressSequentially("trowle");
  const options = page.getByRole("listbox", { name: "Suggestions" }).getByRole("option");
  await expect(options.filter({ hasText: "Trowel" }).first()).toBeVisible();
  await expect(page.locator(".suggestions-note")).toHaveText("Showing results for “trowel”");
});
