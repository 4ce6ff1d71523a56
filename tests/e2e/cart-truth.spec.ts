/** Page, badge, cookie and database agree on the cart: with two tabs, a slow network, new stock. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { BrowserContext, Locator } from "@playwright/test";
import { addProduct, expect, hydrated, test, type Page } from "./fixtures.ts";
import { slowly, together } from "./slow-network.ts";

/** Products of one variant that no other file's tests need. */
const BOARD = { path: "/products/round-chopping-board", stock: 16 };
const BRUSH = { path: "/products/vegetable-brush" };

/** Their stock changes. One test has each: the others run at the same time. */
const GAUGE = { path: "/products/glass-rain-gauge", sku: "MB-GRG17", stock: 15 };
const POTS = { path: "/products/paper-pot-maker", sku: "MB-PPM21", stock: 44 };

/** Changes the store's database, as another program would. */
function sql(statement: string): void {
  const data =
    process.env["PROTIUM_E2E_DATA"] ?? join(import.meta.dirname, "../../example-store/data/store");
  const program = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=30)
db.execute("PRAGMA foreign_keys = on")
db.execute(sys.argv[2])
db.commit()`;
  execFileSync("python3", ["-c", program, join(data, "shop.db"), statement]);
}

const stock = ({ sku }: { sku: string }, pieces: number): void =>
  sql(
    `UPDATE stock SET on_hand = ${pieces}
     WHERE variant_id = (SELECT id FROM variant WHERE sku = '${sku}')`,
  );

const badge = (page: Page): Locator => page.locator(".cart-badge-count");
const field = (page: Page): Locator => page.locator(".stepper-input");
const addButton = (page: Page): Locator => page.getByRole("button", { name: "Add to cart" });

interface Seen {
  id: string;
  version: number;
  count: number;
  subtotal: number;
  lines: { title: string; quantity: number }[];
}

/** The cart as the shop has it. */
const cart = async (context: BrowserContext, url: string): Promise<Seen> =>
  (await (
    await context.request.get(url + "/cart", { headers: { accept: "application/json" } })
  ).json()) as Seen;

test("a new visitor's first additions in two tabs at once end in one cart", async ({
  page,
  context,
  baseURL,
}) => {
  const both = together(2);
  const store = await slowly(baseURL ?? "", {
    before: (path) => (path === "/cart/add" ? both() : undefined),
  });
  const other = await context.newPage();
  await page.goto(store.url + BOARD.path);
  await other.goto(store.url + BRUSH.path);
  await hydrated(page);
  await hydrated(other);
  const answers = [page, other].map((tab) => tab.waitForResponse("**/cart/add"));
  await Promise.all(
    [page, other].map((tab) =>
      tab.evaluate(() => document.querySelector<HTMLElement>(".add-button")?.click()),
    ),
  );
  const carts = await Promise.all(
    answers.map(async (answer) => (await (await answer).json()) as Seen),
  );
  expect(carts[0]?.id).toBe(carts[1]?.id);
  const seen = await cart(context, store.url);
  expect(seen.lines.map(({ quantity }) => quantity)).toEqual([1, 1]);
  await page.goto(store.url + "/cart");
  await expect(page.locator(".cart-line")).toHaveCount(2);
  await expect(badge(page)).toHaveText("2");
  const names = (await context.cookies(store.url)).map(({ name }) => name);
  expect(names, "the key's cookie is deleted").toEqual(["protium"]);
  store.close();
});

test("native forms of a new visitor's tabs end in one cart when the runtime fails to load", async ({
  page,
  context,
  baseURL,
  complaints,
}) => {
  complaints.allow(/Failed to load resource|ERR_FAILED/);
  const both = together(2);
  const store = await slowly(baseURL ?? "", {
    before: (path) => (path === "/cart/add" ? both() : undefined),
  });
  await context.route("**/runtime*.js", (route) => route.abort());
  const other = await context.newPage();
  await page.goto(store.url + BOARD.path);
  await other.goto(store.url + BRUSH.path);
  await Promise.all(
    [page, other].map(async (tab) => {
      await addButton(tab).first().click();
      await tab.waitForURL("**/cart");
    }),
  );
  expect((await cart(context, store.url)).lines.map(({ quantity }) => quantity)).toEqual([1, 1]);
  await page.goto(store.url + "/cart");
  await expect(page.locator(".cart-line")).toHaveCount(2);
  const names = (await context.cookies(store.url)).map(({ name }) => name);
  expect(names, "the key's cookie is deleted").toEqual(["protium"]);
  store.close();
});

test("two quick clicks of a new visitor are one cart, and the newest answer counts", async ({
  page,
  context,
  baseURL,
}) => {
  const [both, answered] = [together(2), together(2)];
  let first = true;
  const store = await slowly(baseURL ?? "", {
    before: (path) => (path === "/cart/add" ? both() : undefined),
    // The answers come back in the wrong order: the newer one first.
    async after(path) {
      if (path !== "/cart/add") return;
      const isFirst = first;
      first = false;
      await answered();
      if (isFirst) await new Promise((resolve) => setTimeout(resolve, 500));
    },
  });
  await page.goto(store.url + "/collections/all");
  const forms = page.locator("form.card-add button");
  await forms.nth(1).scrollIntoViewIfNeeded();
  const cards = page.locator(".card[data-go-hydrated]", { has: page.locator("form.card-add") });
  await expect.poll(() => cards.count()).toBeGreaterThan(1);
  const answers: number[] = [];
  page.on("response", (response) => {
    if (response.url().endsWith("/cart/add")) answers.push(response.status());
  });
  await cards.nth(0).locator("form.card-add button").click();
  await cards.nth(1).locator("form.card-add button").click();
  await expect(badge(page)).toHaveText("2");
  await expect.poll(() => answers).toEqual([200, 200]);
  await expect(badge(page)).toHaveText("2");
  const elsewhere = await context.newPage();
  await elsewhere.goto(store.url + "/");
  await expect(badge(elsewhere), "the last cookie was the older one").toHaveText("2");
  expect((await cart(context, store.url)).lines).toHaveLength(2);
  store.close();
});

test("a change to a line that another tab removed is refused, and the line is gone", async ({
  page,
  context,
  complaints,
}) => {
  complaints.allow(/404/);
  await addProduct(page, BOARD.path);
  await addProduct(page, BRUSH.path);
  await page.goto("/cart");
  await hydrated(page);
  const other = await context.newPage();
  await other.goto("/cart");
  await hydrated(other);
  const removed = other.waitForResponse("**/cart/remove");
  await other
    .getByRole("button", { name: /^Remove/ })
    .first()
    .click();
  expect((await removed).status()).toBe(200);
  const line = page.locator(".cart-line").first();
  await line.getByRole("button", { name: "One more" }).click();
  await expect(page.locator(".cart-line")).toHaveCount(1);
  await expect(page.locator(".form-message")).toHaveText("This is not in your cart any more.");
  await expect(badge(page)).toHaveText("1");
});

test("stock that falls below a line's quantity is shown on the line", async ({
  page,
  context,
  baseURL,
  complaints,
}) => {
  complaints.allow(/409/);
  await addProduct(page, GAUGE.path, () => field(page).fill("5"));
  await page.goto("/cart");
  await hydrated(page);
  try {
    stock(GAUGE, 2);
    await page.getByRole("button", { name: "One more" }).click();
    await expect(page.locator(".cart-line-notice")).toHaveText("Only 2 left. Please choose fewer.");
    await expect(field(page)).toHaveValue("5");
    await expect(badge(page)).toHaveText("5");
    await page.reload();
    await expect(page.locator(".cart-line-notice")).toHaveText("Only 2 left. Please choose fewer.");
    await hydrated(page);
    await page.getByRole("button", { name: "One fewer" }).click();
    await expect(field(page)).toHaveValue("2");
    await expect(page.locator(".cart-line-notice")).toHaveCount(0);
    await expect.poll(async () => (await cart(context, baseURL ?? "")).count).toBe(2);

    stock(GAUGE, 0);
    await page.reload();
    await hydrated(page);
    await expect(page.locator(".cart-line-notice")).toHaveText(
      "No longer available. Please remove it to go on.",
    );
    const seen = await cart(context, baseURL ?? "");
    await expect(page.locator(".cart-subtotal-amount")).toHaveText("€0.00");
    expect(seen.subtotal, "page and JSON agree").toBe(0);
  } finally {
    stock(GAUGE, GAUGE.stock);
  }
});

test("a cart that is gone on the server is replaced by a new one", async ({
  page,
  context,
  baseURL,
  complaints,
}) => {
  complaints.allow(/404/);
  await addProduct(page, BRUSH.path);
  const { id } = await cart(context, baseURL ?? "");
  await page.goto("/cart");
  await hydrated(page);
  const elsewhere = await context.newPage();
  await elsewhere.goto("/");
  await expect(badge(elsewhere)).toHaveText("1");
  sql(`DELETE FROM cart WHERE id = '${id}'`);
  await page.getByRole("button", { name: "One more" }).click();
  await expect(page.locator(".cart-empty")).toBeVisible();
  await expect(page.locator(".form-message")).toHaveText(
    "Your cart has expired. Please start a new one.",
  );
  await expect(badge(page)).toHaveText("0");
  await elsewhere.reload();
  await expect(badge(elsewhere)).toHaveText("0");
  await hydrated(elsewhere);
  await addProduct(elsewhere, BRUSH.path);
  await expect(badge(elsewhere)).toHaveText("1");
});

for (const [text, quantity] of [
  ["-3", 2],
  ["2.5", 2],
  // Its first digit was a valid quantity.
  ["1e1", 1],
  ["", 2],
  ["5", 5],
  ["999", BOARD.stock],
  ["9999999", BOARD.stock],
] as const) {
  test(`a quantity of "${text}" leaves field, subtotal, badge and shop in agreement`, async ({
    page,
    context,
    baseURL,
  }) => {
    await addProduct(page, BOARD.path, () =>
      page.getByRole("button", { name: "One more" }).click(),
    );
    await page.goto("/cart");
    await hydrated(page);
    await field(page).click();
    await field(page).press("ControlOrMeta+a");
    await field(page).press("Delete");
    await field(page).pressSequentially(text);
    await field(page).press("Tab");
    await expect(field(page)).toHaveValue(String(quantity));
    await expect(badge(page)).toHaveText(String(quantity));
    await expect(page.locator(".cart-subtotal-amount")).toHaveText(`€${44 * quantity}.00`);
    if (quantity === BOARD.stock)
      await expect(page.locator(".cart-line-notice")).toHaveText(`Only ${BOARD.stock} left.`);
    await expect.poll(async () => (await cart(context, baseURL ?? "")).count).toBe(quantity);
  });
}

test("a quantity of 0 removes the line once the field is left", async ({
  page,
  context,
  baseURL,
}) => {
  await addProduct(page, BRUSH.path);
  await page.goto("/cart");
  await hydrated(page);
  await field(page).fill("0");
  await field(page).press("Tab");
  await expect(page.locator(".cart-empty")).toBeVisible();
  await expect(badge(page)).toHaveText("0");
  await expect.poll(async () => (await cart(context, baseURL ?? "")).count).toBe(0);
});

test("the product's quantity shows what will be added", async ({ page }) => {
  await page.goto(BOARD.path);
  await hydrated(page);
  for (const [text, shown] of [
    ["0", "1"],
    ["-3", "1"],
    ["2.5", "1"],
    ["", "1"],
    ["99", String(BOARD.stock)],
  ] as const) {
    await field(page).fill(text);
    await field(page).press("Tab");
    await expect(field(page), `after "${text}"`).toHaveValue(shown);
  }
  await expect(page.locator(".form-message")).toHaveText(`Only ${BOARD.stock} left.`);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("two plain forms at once end in one cart", async ({ page, context, baseURL }) => {
    const both = together(2);
    const store = await slowly(baseURL ?? "", {
      before: (path) => (path === "/cart/add" ? both() : undefined),
    });
    const other = await context.newPage();
    await page.goto(store.url + BOARD.path);
    await other.goto(store.url + BRUSH.path);
    await Promise.all([page, other].map((tab) => addButton(tab).click()));
    await page.goto(store.url + "/cart");
    await expect(page.locator(".cart-line")).toHaveCount(2);
    await expect(page.locator(".cart-badge")).toHaveAccessibleName("Cart, 2 items");
    const names = (await context.cookies(store.url)).map(({ name }) => name);
    expect(names).toEqual(["protium"]);
    store.close();
  });

  test("more than the stock shows the product again, with the reason", async ({
    page,
    complaints,
  }) => {
    complaints.allow(/409|422/);
    await page.goto(BOARD.path);
    await field(page).fill(String(BOARD.stock - 1));
    await addButton(page).click();
    await expect(page).toHaveURL(/\/cart$/);
    await page.goto(BOARD.path);
    await field(page).fill("5");
    await addButton(page).click();
    await expect(page.getByRole("alert")).toHaveText(
      `Sorry, only ${BOARD.stock} left, and your cart has ${BOARD.stock - 1} of them.`,
    );
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Round Chopping Board");
    await expect(page.locator(".cart-badge")).toHaveAccessibleName(
      `Cart, ${BOARD.stock - 1} items`,
    );
    await addButton(page).click();
    await expect(page, "the form still works").toHaveURL(/\/cart$/);
  });

  test("a change of the cart that is refused shows the cart, with the reason", async ({
    page,
    complaints,
  }) => {
    complaints.allow(/409/);
    await page.goto(POTS.path);
    await addButton(page).click();
    await expect(page).toHaveURL(/\/cart$/);
    try {
      // The page still shows the old stock.
      stock(POTS, 3);
      await field(page).fill("5");
      await page.getByRole("button", { name: /^Update/ }).click();
      await expect(page.getByRole("alert")).toHaveText("Sorry, only 3 left.");
      await expect(field(page)).toHaveValue("1");
      await field(page).fill("0");
      await page.getByRole("button", { name: /^Update/ }).click();
      await expect(page.locator(".cart-empty")).toBeVisible();
    } finally {
      stock(POTS, POTS.stock);
    }
  });
});
