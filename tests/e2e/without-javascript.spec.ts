/** The whole way through the shop as plain pages, links and forms. */
import { expect, test } from "./fixtures.ts";

test.use({ javaScriptEnabled: false });

test("a visitor finds a product, adds two to the cart, changes and removes them", async ({
  page,
}) => {
  await page.goto("/");
  await page.locator("a.card-link").first().click();
  await expect(page).toHaveURL(/\/products\/[^/]+$/);

  const title = await page.getByRole("heading", { level: 1 }).innerText();
  const form = page.locator("form.product-form");
  await form.getByRole("spinbutton").fill("2");
  await form.getByRole("button", { name: "Add to cart" }).click();

  await expect(page).toHaveURL(/\/cart$/);
  const line = page.locator(".cart-line");
  await expect(line).toHaveCount(1);
  await expect(line.locator(".cart-line-title")).toHaveText(title);
  await expect(line.getByRole("spinbutton")).toHaveValue("2");
  await expect(page.locator(".cart-badge")).toHaveAccessibleName("Cart, 2 items");

  await line.getByRole("spinbutton").fill("3");
  await line.getByRole("button", { name: /^Update/ }).click();
  await expect(page).toHaveURL(/\/cart$/);
  await expect(line.getByRole("spinbutton")).toHaveValue("3");
  await expect(page.locator(".cart-badge")).toHaveAccessibleName("Cart, 3 items");

  await line.getByRole("button", { name: /^Remove/ }).click();
  await expect(page).toHaveURL(/\/cart$/);
  await expect(line).toHaveCount(0);
  await expect(page.locator(".cart-empty")).toBeVisible();
  await expect(page.locator(".cart-badge")).toHaveAccessibleName("Cart, empty");
});

test("a product of one variant is added from a list, and the visitor stays there", async ({
  page,
}) => {
  await page.goto("/collections/all");
  const card = page.locator(".card", { has: page.locator("form.card-add") }).first();
  const title = await card.locator(".card-link").innerText();
  await card.getByRole("button", { name: `Add ${title} to cart` }).click();
  await expect(page).toHaveURL(/\/collections\/all$/);
  await expect(page.locator(".cart-badge")).toHaveAccessibleName("Cart, 1 item");

  await page.locator("a.cart-badge").click();
  await expect(page.locator(".cart-line-title")).toHaveText([title]);
});

test("options are links that choose a variant", async ({ page }) => {
  await page.goto("/collections/all");
  const products = await page
    .locator(".card:not(:has(form.card-add)) a.card-link")
    .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href));
  // A sold-out product of one variant has no form either; the first with options is looked for.
  let picker;
  for (const product of products) {
    await page.goto(product);
    picker = page.locator(".variant-picker .pill:not([aria-current])");
    if ((await picker.count()) > 0) {
      break;
    }
  }
  const other = picker?.first();
  if (!other) {
    throw new Error("no product of the catalogue has options");
  }
  const value = await other.evaluate(
    (pill) =>
      [...pill.childNodes].find((node) => node.nodeType === Node.TEXT_NODE)?.textContent ?? "",
  );
  await other.click();
  await expect(page).toHaveURL(/\?variant=\d+$/);
  await expect(page.locator(".pill[aria-current=true]", { hasText: value }).first()).toBeVisible();
});

test("a search finds a product by a word of its title", async ({ page }) => {
  await page.goto("/collections/all");
  const title = await page.locator("a.card-link").first().innerText();
  await page.getByRole("search").getByRole("combobox").fill(title);
  await page.getByRole("search").getByRole("button", { name: "Search" }).click();
  await expect(page).toHaveURL(/\/search\?q=/);
  await expect(page.getByRole("search").getByRole("combobox")).toHaveValue(title);
  await expect(page.locator("a.card-link", { hasText: title }).first()).toBeVisible();
});

test("an address that does not exist answers 404 with a page of the shop", async ({
  page,
  complaints,
}) => {
  complaints.allow(/status of 404 .*there-is-no-such-product/);
  const response = await page.goto("/products/there-is-no-such-product");
  expect(response?.status()).toBe(404);
  await expect(page.locator("a.cart-badge")).toBeVisible();
});

test("two visitors have carts of their own", async ({ browser, page }) => {
  await page.goto("/collections/all");
  await page.locator("form.card-add button").first().click();
  await expect(page.locator(".cart-badge")).toHaveAccessibleName("Cart, 1 item");

  const stranger = await browser.newContext({ javaScriptEnabled: false });
  const other = await stranger.newPage();
  await other.goto(page.url());
  await expect(other.locator(".cart-badge")).toHaveAccessibleName("Cart, empty");
  await other.goto(new URL("/cart", page.url()).href);
  await expect(other.locator(".cart-empty")).toBeVisible();
  await stranger.close();
});
