import { expect, hydrated, recordMutations, test, type Page } from "./lab.ts";

/**
 * Every product of the lab's catalogue: the text of each is an attack on some place it is shown in.
 */
const products = async (page: Page): Promise<string[]> => {
  await page.goto("/collections/all");
  const links = await page
    .locator("a.card-link")
    .evaluateAll((all) => all.map((a) => a.getAttribute("href") ?? ""));
  expect(links.length).toBeGreaterThan(10);
  return links;
};

const shown: Record<string, string> = {
  script: '</script><script>document.title="stolen"</script>',
  comment: "<!-- not a comment",
  braces: "{{ shop.secret }} {% raw %}",
  element: '<go-cart-badge></go-cart-badge> <go-counter start="1"/>',
  quotes: `"double" 'single' \`back\` &amp; & &lt;`,
  emoji: "👩🏽‍🚀 𝒜stral 🇪🇺 \u00E9 e\u0301",
  rtl: "حقيبة \u202Eevil\u202C שלום",
  image: "<img src=x onerror=alert(1)>",
  nul: "nul \uFFFD and",
};

for (const [handle, text] of Object.entries(shown)) {
  test(`catalogue text is shown as text: ${handle}`, async ({ page }) => {
    page.on("dialog", () => expect(true, "a script of the catalogue ran").toBe(false));
    await page.goto(`/products/${handle}`);
    await hydrated(page);
    expect(await page.locator("h1").textContent()).toContain(text);
    await expect(page.locator(".counter")).toHaveCount(0);
    await expect(page.locator(".cart-badge")).toHaveCount(1);
    expect(await page.title()).not.toBe("stolen");
    await page.goto("/collections/all");
    const card = page.locator(`.card:has(a[href="/products/${handle}"])`);
    expect(await card.locator(".card-title").textContent()).toContain(text);
  });
}

test("every hostile product hydrates without a difference and can be added to the cart", async ({
  page,
}) => {
  test.setTimeout(120_000);
  let wanted = 0;
  const paths = await products(page);
  const mutations = await recordMutations(page, "body");
  for (const path of paths) {
    await page.goto(path);
    await hydrated(page);
    expect(await mutations(), path).toEqual([]);
    const add = page.getByRole("button", { name: "Add to cart", exact: true });
    if ((await add.count()) === 0) continue;
    await add.click();
    wanted += 1;
    await expect(page.locator(".cart-badge-count")).toHaveText(String(wanted));
    await expect(page.locator(".form-message")).toHaveText("Added to your cart.");
  }
  await page.goto("/cart");
  await hydrated(page);
  await expect(page.locator(".cart-line")).toHaveCount(wanted);
  expect(await mutations(), "the cart").toEqual([]);
  const titles = (await page.locator(".cart-line-title").allTextContents()).join("\n");
  for (const text of Object.values(shown)) expect(titles).toContain(text);
});

test("a search query is shown as text, whatever it holds", async ({ page }) => {
  page.on("dialog", () => expect(true, "a script of the query ran").toBe(false));
  for (const text of Object.values(shown)) {
    await page.goto(`/search?q=${encodeURIComponent(text)}`);
    await hydrated(page);
    await expect(page.locator(".counter")).toHaveCount(0);
    await expect(page.getByRole("combobox")).toHaveValue(text);
  }
});

test("more than the stock cannot be added to the cart", async ({ page, complaints }) => {
  complaints.allow(/4\d\d/);
  await page.goto("/products/scarce");
  await hydrated(page);
  await expect(page.locator(".stock")).toHaveText("Only 2 left");
  await page.locator(".stepper-input").fill("7");
  await page.getByRole("button", { name: "Add to cart", exact: true }).click();
  await expect(page.locator(".cart-badge-count")).toHaveText("2");
  await page.getByRole("button", { name: "Add to cart", exact: true }).click();
  await expect(page.locator(".form-message.is-error")).not.toBeEmpty();
  await expect(page.locator(".cart-badge-count")).toHaveText("2");
});

test("a sold-out product has a note and no form", async ({ page }) => {
  await page.goto("/products/gone");
  await hydrated(page);
  await expect(page.locator(".add-button")).toBeDisabled();
  await expect(page.locator(".stock")).toHaveText("Sold out for now");
});
