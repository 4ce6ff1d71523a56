import {
  added,
  addFromCard,
  buyableProduct,
  delayWasm,
  expect,
  filledCart,
  hydrated,
  productWithOptions,
  recordMutations,
  test,
  type Page,
} from "./fixtures.ts";

const badge = (page: Page) => page.locator(".cart-badge-count");

test(
  "adding to the cart shows in the header at once, and in the cart",
  { tag: "@both-lanes" },
  async ({ page }) => {
    await page.goto(await buyableProduct(page));
    await hydrated(page);
    const title = await page.locator("h1").innerText();
    await page.locator(".product-form").getByRole("button", { name: "One more" }).click();
    await page.getByRole("button", { name: "Add to cart", exact: true }).click();
    await expect(badge(page)).toHaveText("2");
    await expect(page.locator(".form-message")).toHaveText("Added to your cart.");
    await page.locator(".cart-badge").click();
    await expect(page.locator(".cart-line-title")).toHaveText(title);
    await expect(page.locator(".cart-line input[name=quantity]")).toHaveValue("2");
  },
);

test("the badge counts before the server answers, and goes back when it refuses", async ({
  page,
  complaints,
}) => {
  complaints.allow(/422|409|500|503|Failed to load resource/);
  await page.goto(await buyableProduct(page));
  await hydrated(page);
  let answer: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route("**/cart/add", async (route) => {
    await held;
    await route.fulfill({
      status: 409,
      contentType: "application/json",
      body: JSON.stringify({ error: { code: "sold_out", message: "Only 0 left." } }),
    });
  });
  await page.getByRole("button", { name: "Add to cart", exact: true }).click();
  await expect(badge(page)).toHaveText("1");
  answer();
  await expect(badge(page)).toHaveText("0");
  await expect(page.locator(".form-message")).toHaveText("Only 0 left.");
  await expect(page.locator(".form-message")).toHaveAttribute("role", "status");
});

test("a card adds without leaving the page, and announces it", async ({ page }) => {
  await addFromCard(page);
  await expect(badge(page)).toHaveText("1");
  await expect(page).toHaveURL(/\/collections\/all$/);
  await expect(page.locator("[aria-live=polite]")).toContainText("is in your cart");
});

test("quantities and removals in the cart are shown at once, and persist", async ({ page }) => {
  await filledCart(page);
  await expect(badge(page)).toHaveText("1");
  const total = page.locator(".cart-subtotal-amount");
  const one = await total.innerText();
  const updated = page.waitForResponse("**/cart/update");
  await page.getByRole("button", { name: "One more" }).click();
  await expect(badge(page)).toHaveText("2");
  await expect(total).not.toHaveText(one);
  expect((await updated).status()).toBe(200);
  await page.reload();
  await hydrated(page);
  await expect(page.locator(".cart-line input[name=quantity]")).toHaveValue("2");
  await page.getByRole("button", { name: /^Remove/ }).click();
  await expect(page.locator(".cart-empty")).toBeVisible();
  await expect(badge(page)).toHaveText("0");
  await expect(async () => {
    await page.reload();
    await expect(page.locator(".cart-empty")).toBeVisible({ timeout: 1000 });
  }).toPass();
});

test("a form that is submitted while the wasm never arrives is sent natively, once", async ({
  page,
}) => {
  await delayWasm(page, Infinity);
  await page.goto(await buyableProduct(page));
  const posts: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST") posts.push(request.url());
  });
  await page.getByRole("button", { name: "Add to cart", exact: true }).click();
  await page.waitForURL("**/cart", { timeout: 20_000 });
  await expect(page.locator(".cart-line input[name=quantity]")).toHaveValue("1");
  expect(posts).toHaveLength(1);
});

test("a form that is submitted when the wasm cannot be loaded is sent natively at once", async ({
  page,
  complaints,
}) => {
  complaints.allow(/wasm|Failed to load|WebAssembly/);
  await page.route("**/*.wasm", (route) => route.fulfill({ status: 404, body: "no such build" }));
  await page.goto(await buyableProduct(page));
  await page.getByRole("button", { name: "Add to cart", exact: true }).click();
  await page.waitForURL("**/cart", { timeout: 7_000 });
  await expect(page.locator(".cart-line input[name=quantity]")).toHaveValue("1");
});

test("a page of an older build works with forms on a new server", async ({ page, complaints }) => {
  complaints.allow(/404|WebAssembly/);
  // The pages name files that this server never had, and their snapshots are of another build.
  const gone: string[] = [];
  await page.route(
    ({ pathname }) => /^\/(products\/|cart$)/.test(pathname),
    async (route) => {
      const response = await route.fetch();
      const html = (await response.text())
        .replace(/(\/_protium\/[a-z]+-)[0-9a-f]+(?=\.)/g, "$1aaaaaaaaaa")
        .replace(/"build":"[^"]*"/g, '"build":"aaaaaaaaaaaaaaaa"');
      await route.fulfill({ response, body: html });
    },
  );
  page.on("response", (response) => {
    if (response.status() === 404) gone.push(response.url());
  });
  await page.goto(await buyableProduct(page));
  await expect.poll(() => gone).not.toEqual([]);
  await page.getByRole("button", { name: "Add to cart", exact: true }).click();
  await page.waitForURL("**/cart", { timeout: 20_000 });
  // The response of a form is not intercepted, so the cart is opened again.
  await page.goto("/cart");
  await page.locator(".cart-line input[name=quantity]").fill("2");
  await page.locator(".cart-line-update").click();
  await expect(page.locator(".cart-line input[name=quantity]")).toHaveValue("2");
});

test("a second tab, and going back, show the current cart", async ({ page, context }) => {
  const product = await buyableProduct(page);
  await page.goto(product);
  await hydrated(page);
  const other = await context.newPage();
  await other.goto(product);
  await hydrated(other);
  await added(other, () => other.getByRole("button", { name: "Add to cart", exact: true }).click());
  await expect(badge(other)).toHaveText("1");
  await other.close();
  await page.bringToFront();
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await expect(badge(page)).toHaveText("1");
  await page.goto("/cart");
  await hydrated(page);
  await page.getByRole("button", { name: /^Remove/ }).click();
  await expect(page.locator(".cart-empty")).toBeVisible();
  await page.goBack();
  await expect(badge(page)).toHaveText("0");
});

test("holes of another build are not hydrated, and their forms and links work", async ({
  page,
}) => {
  await page.goto(await buyableProduct(page));
  await hydrated(page);
  await page.route(
    ({ pathname }) => pathname.startsWith("/products/"),
    async (route) => {
      const response = await route.fetch();
      const html = await response.text();
      const changed = html.replace(
        /("build":")[0-9a-f]*("(?:(?!<\/script>).)*"c":"cart-badge")/s,
        "$1aaaaaaaaaaaaaaaa$2",
      );
      expect(changed, "the page has a hole").not.toBe(html);
      await route.fulfill({ response, body: changed });
    },
  );
  await page.reload();
  await hydrated(page, "product-form-1");
  await added(page, () => page.getByRole("button", { name: "Add to cart", exact: true }).click());
  await expect(page.locator(".form-message")).toHaveText("Added to your cart.");
  await expect(page.locator(".cart-badge")).not.toHaveAttribute("data-go-hydrated");
  await page.locator(".cart-badge").click();
  await expect(page.locator(".cart-line")).toHaveCount(1);
});

test("two visitors never see each other's cart", async ({ browser, baseURL }) => {
  const visitors = await Promise.all(
    [1, 2].map(() => browser.newContext(baseURL ? { baseURL } : {})),
  );
  const pages = await Promise.all(visitors.map((visitor) => visitor.newPage()));
  const [first, second] = pages as [Page, Page];
  await addFromCard(first);
  await expect(badge(first)).toHaveText("1");
  for (const path of ["/", "/collections/all", "/cart"]) {
    await second.goto(path);
    await expect(badge(second)).toHaveText("0");
  }
  await expect(second.locator(".cart-empty")).toBeVisible();
  await Promise.all(visitors.map((visitor) => visitor.close()));
});

test("picker, stepper and cart work by keyboard alone", async ({ page }) => {
  await page.goto(await productWithOptions(page));
  await hydrated(page);
  const tabTo = async (selector: string): Promise<void> => {
    for (let i = 0; i < 80; i++) {
      if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`the keyboard never reaches ${selector}`);
  };
  await tabTo(".pill:not([aria-current])");
  const chosen = await page.evaluate(
    () => document.activeElement?.firstChild?.nextSibling?.textContent ?? "",
  );
  await page.keyboard.press("Enter");
  await expect(page.locator(".option-value").first()).toHaveText(chosen);
  await expect(page).toHaveURL(/variant=/);
  await tabTo("[aria-label='One more']");
  await page.keyboard.press("Enter");
  await expect(page.locator(".stepper-input")).toHaveValue("2");
  await tabTo(".add-button");
  await added(page, () => page.keyboard.press("Enter"));
  await expect(badge(page)).toHaveText("2");
  await page.goto("/cart");
  await hydrated(page);
  await tabTo("[aria-label='One more']");
  await page.keyboard.press("Space");
  await expect(page.locator(".stepper-input")).toHaveValue("3");
  await expect(badge(page)).toHaveText("3");
  await tabTo(".cart-line-remove button");
  await page.keyboard.press("Enter");
  await expect(page.locator(".cart-empty")).toBeVisible();
});

test("no island of the cart's page is written to while it hydrates", async ({ page }) => {
  await addFromCard(page);
  await expect(badge(page)).toHaveText("1");
  const mutations = await recordMutations(page, "body");
  await page.goto("/cart");
  await hydrated(page);
  expect(await mutations()).toEqual([]);
});
