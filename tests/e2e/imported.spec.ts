/** The example store with Shopify's two sample files beside its own catalogue, as they are. */
import { readFileSync } from "node:fs";
import { everyPage, hydrateQuietly, products } from "./crawl.ts";
import { added, addProduct, expect, hydrated, test as base, type Page } from "./fixtures.ts";

const test = base.extend({
  baseURL: process.env["PROTIUM_E2E_IMPORTED_URL"] ?? "http://127.0.0.1:3002",
  page: async ({ page }, use) => {
    // The files' pictures are on another server.
    const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="10"/>';
    await page.route("https://burst.shopifycdn.com/**", (route) =>
      route.fulfill({ contentType: "image/svg+xml", body: picture }),
    );
    await use(page);
  },
});

/** The products of the files: a row begins with its product's handle. */
const handles = ["apparel", "home-and-garden"].flatMap((name) => {
  const text = readFileSync(new URL(`../data/shopify-csv/${name}.csv`, import.meta.url), "utf8");
  return [...new Set(Array.from(text.matchAll(/^([a-z0-9-]+),/gm), ([, handle]) => handle ?? ""))];
});

const badge = (page: Page) => page.locator(".cart-badge-count");

test("every page hydrates with no mismatch, no DOM write and no error", async ({
  page,
  baseURL,
}) => {
  test.setTimeout(180_000);
  const pages = await everyPage(page, baseURL ?? "");
  expect(handles).toHaveLength(40);
  expect(products(pages)).toEqual(expect.arrayContaining(handles));
  // Pages of the shop's own catalogue are covered by every-page.spec.ts.
  await hydrateQuietly(
    page,
    pages.filter((path) => products([path]).every((handle) => handles.includes(handle))),
  );
});

test("every product of the files can be put into the cart", async ({ page }) => {
  test.setTimeout(180_000);
  let wanted = 0;
  for (const handle of handles) {
    await addProduct(page, `/products/${handle}`);
    wanted += 1;
    await expect(badge(page)).toHaveText(String(wanted));
  }
  await page.goto("/cart");
  await expect(page.locator(".cart-line")).toHaveCount(handles.length);
});

test("every product of the files is found by the words of its title", async ({ page, baseURL }) => {
  for (const handle of handles) {
    const product = await (await page.request.get(`${baseURL}/products/${handle}`)).text();
    const title = /<h1[^>]*>([^<]*)</.exec(product)?.[1] ?? "";
    const results = await page.request.get(`${baseURL}/search?q=${encodeURIComponent(title)}`);
    expect(await results.text(), title).toContain(`href="/products/${handle}"`);
  }
});

test("a visitor searches, chooses a size and finds that size in the cart", async ({ page }) => {
  await page.goto("/");
  await hydrated(page);
  const field = page.getByRole("search").getByRole("combobox");
  await field.fill("varsity");
  await field.press("Enter");
  await page.locator(".card", { hasText: "Classic Varsity Top" }).locator("a.card-link").click();
  await expect(page.locator("h1")).toHaveText("Classic Varsity Top");
  await hydrated(page);
  await expect(page.locator(".pill")).toHaveText(["Small", "Medium", "Large"]);
  await page.locator(".pill", { hasText: "Medium" }).click();
  await expect(page.locator(".pill[aria-current=true]")).toHaveText("Medium");
  await expect(page).toHaveURL(/\?variant=\d+$/);
  await added(page, () => page.getByRole("button", { name: "Add to cart", exact: true }).click());
  await page.locator(".cart-badge").click();
  const line = page.locator(".cart-line");
  await expect(line).toContainText("Classic Varsity Top");
  await expect(line).toContainText("Medium");
});
