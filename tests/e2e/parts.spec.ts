/** Parts of the runtime that load late or not at all, and what the visitor does meanwhile. */
import {
  buyableProduct,
  expect,
  hydrated,
  productWithOptions,
  test,
  type Page,
} from "./fixtures.ts";

const REST = /\/_protium\/rest-[^/]*\.js/;

/** The messages of all `go:error` events, also of pages that were left since. */
async function reports(page: Page): Promise<string[]> {
  const messages: string[] = [];
  await page.exposeFunction("protiumTestReport", (message: string) => messages.push(message));
  await page.addInitScript(() =>
    document.addEventListener("go:error", (event) => {
      (Reflect.get(window, "protiumTestReport") as (message: string) => void)(
        (event as CustomEvent<{ message: string }>).detail.message,
      );
    }),
  );
  return messages;
}

test("a part that fails to load once is loaded again, and clicks meanwhile count", async ({
  page,
  complaints,
}) => {
  complaints.allow(/Failed to load resource|ERR_FAILED/);
  const messages = await reports(page);
  const product = await buyableProduct(page);
  // A preload and an import of one address are one request for a browser that has the first one's
  // answer.
  const failed = new Set<string>();
  await page.route(REST, (route) => {
    if (new URL(route.request().url()).search) return route.continue();
    failed.add(route.request().url());
    return route.abort();
  });
  await page.goto(product);
  await page.getByRole("button", { name: "Add to cart", exact: true }).click();
  await expect(page.locator(".form-message")).toHaveText("Added to your cart.");
  await expect(page.locator(".cart-badge-count")).toHaveText("1");
  expect(failed.size).toBe(1);
  expect(messages).toEqual([]);
});

test("without its parts a form that was clicked is sent natively, and reported", async ({
  page,
  complaints,
}) => {
  complaints.allow(/Failed to load resource|ERR_FAILED|imported module/);
  const messages = await reports(page);
  const product = await buyableProduct(page);
  await page.route(REST, (route) => route.abort());
  await page.goto(product);
  await page.getByRole("button", { name: "Add to cart", exact: true }).click();
  await page.waitForURL("**/cart");
  await expect(page.locator(".cart-line input[name=quantity]")).toHaveValue("1");
  // Each of the two pages says so once.
  await expect.poll(() => messages.length).toBe(2);
  await page.locator(".cart-line input[name=quantity]").fill("2");
  await page.locator(".cart-line-update").click();
  await expect(page.locator(".cart-line input[name=quantity]")).toHaveValue("2");
});

test("without its parts a variant that was picked is opened as a link", async ({
  page,
  complaints,
}) => {
  complaints.allow(/Failed to load resource|ERR_FAILED|imported module/);
  const product = await productWithOptions(page);
  await page.route(REST, (route) => route.abort());
  await page.goto(product);
  const pill = page.locator(".pill:not([aria-current])").first();
  const href = (await pill.getAttribute("href")) ?? "";
  const price = page.locator(".product-form .price-now");
  await pill.click();
  await page.waitForURL((url) => url.pathname + url.search == href);
  await expect(page.locator(".product-form input[name=variant_id]")).toHaveValue(
    new URLSearchParams(href.split("?")[1]).get("variant") ?? "",
  );
  await expect(price).toBeVisible();
});

test("a click has no visible effect before the part that sends it is loaded", async ({ page }) => {
  const product = await buyableProduct(page);
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route(REST, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(product, { waitUntil: "commit" });
  await hydrated(page, "product-form-1");
  await page.getByRole("button", { name: "Add to cart", exact: true }).click();
  await page.waitForTimeout(200);
  await expect(page.locator(".cart-badge-count")).toHaveText("0");
  await expect(page.locator("[aria-busy]")).toHaveCount(0);
  release();
  await expect(page.locator(".form-message")).toHaveText("Added to your cart.");
  await expect(page.locator(".cart-badge-count")).toHaveText("1");
});

test("a browser of 2022 adds to the cart", async ({ page }) => {
  await page.addInitScript(() => {
    Reflect.deleteProperty(AbortSignal, "timeout");
    Reflect.deleteProperty(HTMLFormElement.prototype, "requestSubmit");
    Reflect.deleteProperty(WebAssembly, "compileStreaming");
    Reflect.deleteProperty(Object, "hasOwn");
    Reflect.deleteProperty(SubmitEvent.prototype, "submitter");
  });
  await page.goto(await buyableProduct(page));
  await hydrated(page);
  await page.getByRole("button", { name: "Add to cart", exact: true }).click();
  await expect(page.locator(".form-message")).toHaveText("Added to your cart.");
  await expect(page.locator(".cart-badge-count")).toHaveText("1");
});

test("a browser of 2022 sends a form natively when the module cannot be loaded", async ({
  page,
  complaints,
}) => {
  complaints.allow(/wasm|Failed to load|WebAssembly/);
  await page.addInitScript(() =>
    Reflect.deleteProperty(HTMLFormElement.prototype, "requestSubmit"),
  );
  const product = await buyableProduct(page);
  await page.route("**/*.wasm", (route) => route.fulfill({ status: 404, body: "no such build" }));
  await page.goto(product);
  await page.getByRole("button", { name: "Add to cart", exact: true }).click();
  await page.waitForURL("**/cart", { timeout: 7_000 });
  await expect(page.locator(".cart-line input[name=quantity]")).toHaveValue("1");
});
