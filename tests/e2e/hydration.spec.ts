import { expect, hydrated, recordMutations, test, type Page } from "./lab.ts";

const wasmRequests = (page: Page): string[] => {
  const urls: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith(".wasm")) urls.push(request.url());
  });
  return urls;
};

const count = (page: Page, id: string) => page.locator(`[data-go-id="${id}"] output`);
const button = (page: Page, id: string) => page.locator(`[data-go-id="${id}"] button.inc`);

test(
  "hydration by id writes nothing to the DOM when nothing differs",
  { tag: "@both-lanes" },
  async ({ page }) => {
    const mutations = await recordMutations(page, "body");
    await page.goto("/pages/counters");
    await hydrated(page);
    expect(await mutations()).toEqual([]);
    await button(page, "counter-1").click();
    await expect(count(page, "counter-1")).toHaveText("2");
  },
);

test("integers beyond 2^53 keep every digit on both sides", async ({ page }) => {
  await page.goto("/pages/counters");
  await hydrated(page);
  await button(page, "counter-2").click();
  await expect(count(page, "counter-2")).toHaveText("9007199254740994");
  await button(page, "counter:named").click();
  await expect(count(page, "counter:named")).toHaveText("-9223372036854775807");
});

test("a page without islands fetches no wasm and no script", async ({ page }) => {
  const wasm = wasmRequests(page);
  await page.goto("/pages/plain", { waitUntil: "networkidle" });
  expect(wasm).toEqual([]);
  await expect(page.locator("script")).toHaveCount(0);
});

test("a component that is not hydrated is plain HTML", async ({ page }) => {
  const wasm = wasmRequests(page);
  await page.goto("/pages/still", { waitUntil: "networkidle" });
  await expect(page.locator(".counter output")).toHaveText("7");
  expect(wasm).toEqual([]);
  const html = await page.locator(".counter").evaluate((root) => root.outerHTML);
  expect(html).not.toContain("data-go");
  expect(html).not.toContain("<!--");
});

test("hydrate=load and idle need no interaction", async ({ page }) => {
  await page.goto("/pages/directives");
  await hydrated(page, "counter-1");
  await hydrated(page, "counter-2");
});

test("hydrate=interaction waits for the visitor, and the click is delivered", async ({ page }) => {
  await page.goto("/pages/interaction", { waitUntil: "networkidle" });
  await expect(page.locator('[data-go-id="counter-1"]')).not.toHaveAttribute("data-go-hydrated");
  await button(page, "counter-1").click();
  await expect(count(page, "counter-1")).toHaveText("2");
});

test("hydrate=interaction fetches no wasm before", async ({ page }) => {
  const wasm = wasmRequests(page);
  await page.goto("/pages/interaction", { waitUntil: "networkidle" });
  expect(wasm).toEqual([]);
});

test("hydrate=media waits for the window to fit", async ({ page }) => {
  await page.setViewportSize({ width: 1000, height: 700 });
  await page.goto("/pages/directives");
  await hydrated(page, "counter-1");
  await expect(page.locator('[data-go-id="counter-4"]')).not.toHaveAttribute("data-go-hydrated");
  await page.setViewportSize({ width: 500, height: 700 });
  await hydrated(page, "counter-4");
});

test("hydrate=visible waits until the island is scrolled to", async ({ page }) => {
  await page.goto("/pages/directives");
  await hydrated(page, "counter-1");
  const island = page.locator('[data-go-id="counter-7"]');
  await expect(island).not.toHaveAttribute("data-go-hydrated");
  await island.scrollIntoViewIfNeeded();
  await hydrated(page, "counter-7");
});

test("hydrate=only shows its content until the browser renders it", async ({
  page,
  request,
  baseURL,
}) => {
  const html = await (await request.get(`${baseURL}/pages/directives`)).text();
  expect(html).toContain("Wait a moment");
  await page.goto("/pages/directives");
  await hydrated(page, "counter-1");
  const island = page.locator(".counter", { has: page.locator("output", { hasText: /^5$/ }) });
  await expect(island).toBeVisible();
  await expect(page.getByText("Wait a moment")).toHaveCount(0);
  await island.locator("button.inc").click();
  // The other one is the island that is not hydrated.
  await expect(page.locator(".counter output", { hasText: /^6$/ })).toHaveCount(2);
});

test("an island inside another's slot is its own", async ({ page }) => {
  await page.goto("/pages/panel");
  await hydrated(page);
  await button(page, "counter-1").click();
  await expect(count(page, "counter-1")).toHaveText("4");
  await page.locator(".panel > .toggle").click();
  await expect(page.locator(".panel")).not.toHaveClass(/is-open/);
  await expect(count(page, "counter-1")).toHaveText("4");
});

test("islands share a store", async ({ page }) => {
  await page.goto("/pages/guests");
  await hydrated(page);
  await page.locator("button.tally").first().click();
  await page.locator("button.tally").last().click();
  await expect(page.locator("button.tally")).toHaveText(["2", "2"]);
});

test("goCall calls a handler, and returns false without one", async ({ page }) => {
  await page.goto("/pages/counters");
  await hydrated(page);
  const call = (id: string, handler: string) =>
    page.evaluate(
      ([id, handler]) =>
        (Reflect.get(window, "goCall") as (...args: string[]) => Promise<boolean>)(id, handler),
      [id, handler] as const,
    );
  expect(await call("counter-1", "Inc")).toBe(true);
  await expect(count(page, "counter-1")).toHaveText("2");
  expect(await call("counter-1", "NoSuch")).toBe(false);
  expect(await call("counter-99", "Inc")).toBe(false);
});

test("go:hydrated is dispatched for each island", async ({ page }) => {
  await page.addInitScript(() => {
    const ids: string[] = [];
    Reflect.set(window, "hydratedIds", ids);
    document.addEventListener("go:hydrated", (event) =>
      ids.push((event as CustomEvent<{ id: string }>).detail.id),
    );
  });
  await page.goto("/pages/counters");
  await hydrated(page);
  const ids = await page.evaluate(() => Reflect.get(window, "hydratedIds") as string[]);
  expect(ids.toSorted()).toEqual(["counter-1", "counter-2", "counter:named"]);
});
