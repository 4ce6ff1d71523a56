/** A shop outside the repository, with components of its own and one from elsewhere. */
import { expect, hydrated, recordMutations, test as base } from "./fixtures.ts";

const test = base.extend({
  baseURL: process.env["PROTIUM_E2E_BOOKSHOP_URL"] || "http://127.0.0.1:3003",
});

const book = "/products/a-field-guide-to-moss";

test(
  "its own component is hydrated beside those of the theme",
  { tag: "@both-lanes" },
  async ({ page }) => {
    const mutations = await recordMutations(page, "main");
    await page.goto(book);
    await hydrated(page, "product-form-1");
    await page.locator("#gift-note").scrollIntoViewIfNeeded();
    await hydrated(page, "gift-note-1");
    expect(await mutations()).toEqual([]);

    const left = page.locator('[data-go-id="gift-note-1"] output');
    await expect(left).toHaveText("60");
    // A third-party Go module counts a flag, and a letter with its accent, as one character each.
    await page.fill("#gift-note", "🇫🇷 e\u0301te\u0301");
    await expect(left).toHaveText("55");
  },
);
