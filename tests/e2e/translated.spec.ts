/** Pages that the browser translates: it replaces texts with elements of its own. */
import { expect, filledCart, hydrated, productWithOptions, test, type Page } from "./fixtures.ts";

/** Does what Chrome's translator does, but for what is marked as not to be translated. */
const translate = (page: Page): Promise<void> =>
  page.evaluate(() => {
    document.documentElement.classList.add("translated-ltr");
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts: Text[] = [];
    while (walk.nextNode()) {
      const text = walk.currentNode as Text;
      if (text.data.trim() && !text.parentElement?.closest("script,style,textarea,[translate=no]"))
        texts.push(text);
    }
    for (const text of texts) {
      const font = document.createElement("font");
      font.append(document.createElement("font"));
      font.firstElementChild!.textContent = `[${text.data}]`;
      text.replaceWith(font);
    }
  });

/** Opens a product whose first option has several values. */
async function openProductWithOptions(page: Page): Promise<void> {
  await page.goto(await productWithOptions(page));
  await hydrated(page);
}

test("option, stock and message follow on a translated product page", async ({ page }) => {
  await openProductWithOptions(page);
  const pill = page.locator(".pill:not([aria-current]):not(.is-soldout)").first();
  const value =
    (await pill.evaluate((pill) => pill.firstChild!.nextSibling!.textContent ?? "")) ||
    (await pill.innerText());
  await translate(page);
  await expect(page.locator(".stock")).toHaveText(/^\[/);
  const expected = await page.context().newPage();
  await expected.goto((await pill.getAttribute("href")) ?? "");
  const stock = await expected.locator(".stock").innerText();
  const price = await expected.locator(".product-form .price-now").innerText();
  const before = (await page.locator(".stock").innerText()).slice(1, -1);
  await pill.click();
  await expect(page.locator(".option-value").first()).toHaveText(value);
  await expect(page.locator(".product-form .price-now")).toHaveText(price);
  if (stock != before) await expect(page.locator(".stock")).toHaveText(stock);
  await page.getByRole("button", { name: /Add to cart/ }).click();
  await expect(page.locator(".form-message")).toHaveText("Added to your cart.");
  await expect(page.locator(".cart-badge-count")).toHaveText("1");
  await expect(page.locator(".product-form font", { hasText: /^\[Added/ })).toHaveCount(0);
});

test("totals follow on a translated cart page", async ({ page }) => {
  await filledCart(page);
  await translate(page);
  await page.getByRole("button", { name: /One more/ }).click();
  await expect(page.locator(".cart-badge-count")).toHaveText("2");
  const total = await page.locator(".cart-line-total").innerText();
  expect(total).not.toContain("[");
  await expect(page.locator(".cart-subtotal-amount")).toHaveText(total);
});

test("names of the shop and its vendors, and prices, are marked translate=no", async ({ page }) => {
  await openProductWithOptions(page);
  for (const selector of [".logo-name", ".site-footer-name", ".product-form .price-now"]) {
    expect(
      await page
        .locator(selector)
        .first()
        .evaluate((element: HTMLElement) => element.translate),
      selector,
    ).toBe(false);
  }
});
