/** A page with data of the shop's own. */
import { expect, hydrated, test } from "./fixtures.ts";

test("the footer leads to the journal, an entry to its product, with no complaint", async ({
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
  await page.getByRole("main").getByRole("link", { name: /secateurs/i }).click();
  await expect(page).toHaveURL(/\/products\/bypass-secateurs$/);
  expect(complaints.unexpected).toEqual([]);
});

test("an entry that is not there has the shop's page for that", async ({ page, complaints }) => {
  complaints.allow(/404/);
  const response = await page.goto("/journal/never-written");
  expect(response?.status()).toBe(404);
  await expect(page.locator(".site-header")).toBeVisible();
});
