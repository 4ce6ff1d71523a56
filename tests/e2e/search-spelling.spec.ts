import { expect, test } from "@playwright/test";

/** A word of another direction does not disturb the text around it. */
const quoted = (word: string): string => `“\u2068${word}\u2069”`;

test("a corrected query is shown, with a link to the query as typed", async ({ page }) => {
  await page.goto("/search?q=trowle");
  const heading = page.getByRole("heading", { level: 1 });
  await expect(heading).toHaveText(`Showing results for ${quoted("trowel")}`);
  await expect(page.locator(".card-title", { hasText: "Trowel" }).first()).toBeVisible();
  await page.getByRole("button", { name: `Search for ${quoted("trowle")} instead` }).click();
  await expect(heading).toHaveText(`Nothing for ${quoted("trowle")}`);
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
  const note = page.locator(".suggestions-note");
  await expect(note).toHaveText(`Showing results for ${quoted("trowel")}`);
});
