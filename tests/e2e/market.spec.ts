import { expect, hydrated, test } from "./lab.ts";

test("who buys and searches in a market with a prefix stays in it", async ({ page, baseURL }) => {
  const asked: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    const isFile = /^\/(static|_protium)\//.test(pathname);
    if (request.url().startsWith(`${baseURL}/`) && !isFile && pathname !== "/favicon.ico") {
      asked.push(pathname);
    }
  });
  const at = (path: string): string => `${baseURL}/fr${path}`;

  await page.goto("/fr/products/scarf");
  await hydrated(page);
  await expect(page.locator(".price-now").first()).toHaveText(/20,00\s€/);
  await page.getByRole("button", { name: "Add to cart", exact: true }).click();
  await expect(page.locator(".form-message")).toHaveText("Added to your cart.");
  await page.locator(".cart-badge").click();
  await expect(page).toHaveURL(at("/cart"));

  await hydrated(page);
  const updated = page.waitForResponse(at("/cart/update"));
  await page.locator(".cart-line").getByRole("button", { name: "One more" }).click();
  expect((await updated).status()).toBe(200);
  await expect(page.locator(".cart-subtotal-amount")).toHaveText(/40,00\s€/);

  await page.locator(".search-input").fill("scarf");
  const suggestion = page.locator(".suggestion").first();
  await expect(suggestion).toHaveAttribute("href", /^\/fr\/products\/scarf/);
  await page.locator(".search-input").press("Enter");
  await expect(page).toHaveURL(at("/search?q=scarf"));
  await page.locator(".card-link").first().click();
  await expect(page).toHaveURL(at("/products/scarf"));

  expect(asked.length).toBeGreaterThan(6);
  expect(asked.filter((path) => !path.startsWith("/fr/"))).toEqual([]);
});
