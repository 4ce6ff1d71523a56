import { everyPage, hydrateQuietly, products } from "./crawl.ts";
import { expect, hydrated, test } from "./fixtures.ts";

test("every page hydrates with no mismatch, no DOM write and no error", async ({
  page,
  baseURL,
}) => {
  test.setTimeout(180_000);
  const pages = await everyPage(page, baseURL ?? "");
  expect(products(pages).length).toBeGreaterThanOrEqual(24);
  await hydrateQuietly(page, pages);
});

test("a strict content security policy blocks foreign scripts", async ({ page, complaints }) => {
  const response = await page.goto("/");
  const policy = response?.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("default-src 'self'");
  expect(policy).toMatch(/script-src 'self' 'sha256-[A-Za-z0-9+/=]+' 'wasm-unsafe-eval'/);
  expect(policy).not.toMatch(/script-src[^;]*unsafe-inline/);
  await hydrated(page);
  expect(complaints.unexpected).toEqual([]);
  const ran = await page.evaluate(() => {
    document.head.append(
      Object.assign(document.createElement("script"), { textContent: "window.ran = true" }),
    );
    return Reflect.has(window, "ran");
  });
  expect(ran).toBe(false);
  await expect
    .poll(() => complaints.unexpected.join("\n"))
    .toContain("script-src-elem blocked inline");
  complaints.allow(/content security policy/i);
});

test("a missing page has the shop's own 404 page", async ({ page, complaints }) => {
  complaints.allow(/404/);
  const response = await page.goto("/products/no-such-thing");
  expect(response?.status()).toBe(404);
  await expect(page.locator(".site-header")).toBeVisible();
});

test("search suggests while typing, and the keyboard chooses", async ({ page }) => {
  await page.goto("/collections/all");
  const title = await page.locator(".card-title").first().innerText();
  const word = title.split(" ").at(-1) ?? "";
  const field = page.getByRole("search").getByRole("combobox");
  await field.click();
  await field.pressSequentially(word.slice(0, 4));
  const option = page.getByRole("listbox", { name: "Suggestions" }).getByRole("option").first();
  await expect(option).toBeVisible();
  await field.press("ArrowDown");
  await expect(option).toHaveAttribute("aria-selected", "true");
  const target = (await option.getAttribute("href")) ?? "";
  await field.press("Enter");
  await expect(page).toHaveURL(new RegExp(target));
});

test("search finds a product, and an empty search says so", async ({ page }) => {
  await page.goto("/collections/all");
  const title = await page.locator(".card-title").first().innerText();
  await page.goto(`/search?q=${encodeURIComponent(title)}`);
  await expect(page.locator(".card-title", { hasText: title }).first()).toBeVisible();
  await page.goto("/search?q=zzzzqqqq");
  await expect(page.locator(".card")).toHaveCount(0);
});
