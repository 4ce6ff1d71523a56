/** Changes are sent after a short pause: here the page is left before the pause is over. */
import { setTimeout as pause } from "node:timers/promises";
import { buyableProduct, expect, filledCart, hydrated, test, type Page } from "./fixtures.ts";
import { slowly } from "./slow-network.ts";

const more = (page: Page) => page.getByRole("button", { name: "One more" });
const quantity = (page: Page) => page.locator(".cart-line input[name=quantity]");

test("a quantity changed just before a reload is saved and shown", async ({ page }) => {
  await filledCart(page);
  await more(page).click();
  await page.reload();
  await expect(quantity(page)).toHaveValue("2");
  await expect(page.locator(".cart-badge-count")).toHaveText("2");
});

test("a changed quantity outlives the page in browsers without keepalive fetches", async ({
  page,
}) => {
  await page.addInitScript(() => Reflect.deleteProperty(Request.prototype, "keepalive"));
  await filledCart(page);
  await more(page).click();
  await page.reload();
  await expect(quantity(page)).toHaveValue("2");
});

test("a quantity changed just before a link is followed is saved", async ({ page }) => {
  await filledCart(page);
  await more(page).click();
  await page.locator("a.logo").click();
  await page.waitForURL(/\/$/);
  await expect(page.locator(".cart-badge-count")).toHaveText("2");
  await page.goto("/cart");
  await expect(quantity(page)).toHaveValue("2");
});

test("a product that is still being added when the cart is opened appears there", async ({
  page,
  baseURL,
}) => {
  const path = await buyableProduct(page);
  const store = await slowly(baseURL ?? "", {
    before: (path) => (path === "/cart/add" ? pause(1500) : undefined),
  });
  await page.goto(store.url + path);
  await hydrated(page);
  await page.locator(".product-form .add-button").click();
  await expect(page.locator(".cart-badge-count")).toHaveText("1");
  await page.locator(".cart-badge").click();
  await page.waitForURL("**/cart");
  await expect(quantity(page)).toHaveValue("1");
  await expect(page.locator(".cart-badge-count")).toHaveText("1");
  store.close();
});

test("a quantity changed just before the tab is closed is saved", async ({ page, context }) => {
  await filledCart(page);
  await more(page).click();
  await page.close({ runBeforeUnload: true });
  const other = await context.newPage();
  await expect(async () => {
    await other.goto("/cart");
    await expect(quantity(other)).toHaveValue("2", { timeout: 1000 });
  }).toPass();
});

test("ten clicks on a quantity are one request", async ({ page }) => {
  await filledCart(page);
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/cart/update")) sent.push(request.postData() ?? "");
  });
  await more(page).evaluate(async (button: HTMLElement) => {
    for (let i = 0; i < 10; i++) {
      button.click();
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
  });
  await expect.poll(() => sent.length).toBe(1);
  await page.waitForTimeout(500);
  expect(sent).toHaveLength(1);
});

test("one typed query is one request", async ({ page }) => {
  await page.goto("/");
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/search/suggest"))
      asked.push(new URL(request.url()).searchParams.get("q") ?? "");
  });
  const field = page.locator(".search-input").first();
  await field.click();
  await hydrated(page, "search-box-1");
  await field.evaluate((input: HTMLInputElement, text) => {
    for (const letter of text) {
      input.value += letter;
      input.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
  }, "watering can");
  await expect(page.locator(".suggestion").first()).toBeVisible();
  await page.waitForTimeout(400);
  expect(asked).toEqual(["watering can"]);
});
