/** A page with data of the shop's own. */
import { expect, hydrated, test } from "./fixtures.ts";

test("the footer leads to the journal, an entry to its product, without errors", async ({
  page,
  complaints,
}) => {
  await page.goto("/");
  await page.getByRole("contentinfo").getByRole("link", { name: "Journal" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Journal");
  await page.getByRole("link", { name: "Sharp enough" }).click();
  await expect(page).toHaveURL(/\/journal\/sharp-enough$/);
  await hydrated(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sharp enough");
  await page
    .getByRole("main")
    .getByRole("link", { name: /secateurs/i })
    .click();
  await expect(page).toHaveURL(/\/products\/bypass-secateurs$/);
  expect(complaints.unexpected).toEqual([]);
});

test("a missing entry has the shop's 404 page", async ({ page, complaints }) => {
  complaints.allow(/404/);
  const response = await page.goto("/journal/never-written");
  expect(response?.status()).toBe(404);
  await expect(page.locator(".site-header")).toBeVisible();
});
