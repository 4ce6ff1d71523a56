/** A shop outside the repository, with a program and components of its own. */
import { expect, hydrated, recordMutations, test as base, type Page } from "./fixtures.ts";

const test = base.extend({
  baseURL: process.env["PROTIUM_E2E_BOOKSHOP_URL"] || "http://127.0.0.1:3003",
});

const book = "/products/a-field-guide-to-moss";
const wrapped = "Gift wrap · Card: For Zoë";

/** What the cart says of its only line. */
async function expectPresents(page: Page): Promise<void> {
  const line = page.locator(".cart-line");
  await expect(line).toHaveCount(1);
  await expect(line.locator(".cart-line-variant")).toHaveText(wrapped);
  await expect(line.locator("input[name=quantity]")).toHaveValue("2");
  // 24.50 for the book, and 3.50 for the paper.
  await expect(line.locator(".cart-line-unit")).toHaveText("€28.00 each");
  await expect(line.locator(".cart-line-total")).toHaveText("€56.00");
  await expect(page.locator(".cart-subtotal-amount")).toHaveText("€56.00");
  await expect(page.locator(".cart-badge")).toHaveAccessibleName("Cart, 2 items");
}

test(
  "its own component comes alive within the theme's form without a write to the page",
  { tag: "@both-lanes" },
  async ({ page }) => {
    const mutations = await recordMutations(page, "main");
    await page.goto(book);
    await hydrated(page, "product-form-1");
    await page.getByLabel("Wrap it as a present").scrollIntoViewIfNeeded();
    await hydrated(page, "gift-wrap-1");
    expect(await mutations()).toEqual([]);

    await expect(page.getByLabel("A note for the card")).toBeHidden();
    await page.getByLabel("Wrap it as a present").check();
    const left = page.locator('[data-go-id="gift-wrap-1"] output');
    await expect(left).toHaveText("60 characters left");
    // A flag and a letter with its accent are one character each, as a Go module of others counts.
    await page.getByLabel("A note for the card").fill("🇫🇷 e\u0301te\u0301");
    await expect(left).toHaveText("55 characters left");
  },
);

test(
  "a present costs its paper too, in the cart and after it is opened again",
  { tag: "@both-lanes" },
  async ({ page }) => {
    await page.goto(book);
    await hydrated(page, "product-form-1");
    await page.getByLabel("Wrap it as a present").check();
    await page.getByLabel("A note for the card").fill("For Zoë");
    await page.locator(".product-form").getByRole("button", { name: "One more" }).click();
    await page.getByRole("button", { name: "Add to cart" }).click();
    await expect(page.locator(".cart-badge-count")).toHaveText("2");
    await expect(page.locator(".product-form .form-message[role=status]")).toHaveText(
      "Added to your cart.",
    );
    await page.locator(".cart-badge").click();
    await expectPresents(page);
    await page.reload();
    await hydrated(page, "cart-lines-1");
    await expectPresents(page);

    // The same book without paper is another line.
    await page.goto(book);
    await hydrated(page, "product-form-1");
    await page.getByRole("button", { name: "Add to cart" }).click();
    await expect(page.locator(".cart-badge-count")).toHaveText("3");
    await page.locator(".cart-badge").click();
    await expect(page.locator(".cart-line-total")).toHaveText(["€56.00", "€24.50"]);
    await expect(page.locator(".cart-subtotal-amount")).toHaveText("€80.50");
  },
);

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a present costs the same", async ({ page }) => {
    await page.goto(book);
    await page.getByLabel("Wrap it as a present").check();
    await page.getByLabel("A note for the card").fill("For Zoë");
    await page.locator("form.product-form").getByRole("spinbutton").fill("2");
    await page.getByRole("button", { name: "Add to cart" }).click();
    await expect(page).toHaveURL(/\/cart$/);
    await expectPresents(page);
    await page.reload();
    await expectPresents(page);
  });

  test("a book is found by its number with a search", async ({ page }) => {
    await page.goto("/pages/order");
    await page.getByLabel("The number on the back").fill("978-0-306-40615-7");
    await page.getByRole("button", { name: "Find", exact: true }).click();
    await expect(page).toHaveURL(/\/search\?q=978/);
    await expect(page.locator(".card-title")).toHaveText("A Field Guide to Moss");
  });
});

test.describe("with its edge module built", () => {
  // The shop builds it as it starts; with standard Go and a busy machine that takes seconds.
  test.beforeAll(async ({ playwright, baseURL }) => {
    const request = await playwright.request.newContext(baseURL ? { baseURL } : {});
    await request.get("/api/isbn/9780306406157", { timeout: 45_000 });
    await request.dispose();
  });

  test(
    "its own form asks its own route, and the badge follows what it puts into the cart",
    { tag: "@both-lanes" },
    async ({ page, complaints }) => {
      complaints.allow(/404/);
      await page.goto("/pages/order");
      await hydrated(page, "isbn-order-1");
      const form = page.locator(".isbn-order");
      await page.getByLabel("The number on the back").fill("978-0-306-40615-7");
      await form.getByRole("button", { name: "Find" }).click();
      await expect(form).toContainText("A Field Guide to Moss");
      await expect(form).toContainText(/3 copies, shelf \d+/);
      await form.getByRole("button", { name: "Put it into the cart" }).click();
      await expect(form.getByRole("status")).toHaveText("Added to your cart.");
      await expect(page.locator(".cart-badge-count")).toHaveText("1");

      await page.getByLabel("The number on the back").fill("978-0-00-000000-2");
      await form.getByRole("button", { name: "Find" }).click();
      await expect(form.getByRole("status")).toHaveText("We have no book with this number.");
      await expect(form).not.toContainText("A Field Guide to Moss");
    },
  );
});
