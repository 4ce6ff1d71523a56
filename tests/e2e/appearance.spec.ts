/** Forced colours, keyboard focus, loading of pictures, headings and older CSS. */
import { readFileSync } from "node:fs";
import { addProduct, expect, hydrated, test, type Page } from "./fixtures.ts";

const look = (page: Page, selector: string, property: string): Promise<string> =>
  page
    .locator(selector)
    .first()
    .evaluate(
      (element, property) => getComputedStyle(element).getPropertyValue(property),
      property,
    );

test.describe("in forced colours", () => {
  test.use({ contextOptions: { forcedColors: "active" } });

  test("chosen variant, active suggestion, current link and stock are distinguishable", async ({
    page,
  }) => {
    await page.goto("/products/goatskin-gloves");
    await hydrated(page);
    const chosen = await look(page, ".pill[aria-current]", "background-color");
    expect(chosen).not.toBe(await look(page, ".pill:not([aria-current])", "background-color"));
    expect(chosen).not.toBe(await look(page, "body", "background-color"));
    const dot = () =>
      page
        .locator(".stock")
        .first()
        .evaluate((element) => getComputedStyle(element, "::before").backgroundColor);
    expect(await dot()).not.toBe(await look(page, "body", "background-color"));

    await page.getByRole("combobox").click();
    await page.getByRole("combobox").pressSequentially("glo");
    const option = page.getByRole("option").first();
    await expect(option).toBeVisible();
    await page.keyboard.press("ArrowDown");
    await expect(option).toHaveAttribute("aria-selected", "true");
    expect(await look(page, ".suggestion[aria-selected=true]", "background-color")).not.toBe(
      await look(page, ".suggestions", "background-color"),
    );

    await page.goto("/collections/hand-tools");
    const current = await look(page, ".site-nav-link[aria-current]", "border-bottom-color");
    expect(current).not.toBe(
      await look(page, ".site-nav-link:not([aria-current])", "border-bottom-color"),
    );
  });
});

test("after a line is removed the focus is on the next one", async ({ page }) => {
  const titles = [];
  for (const handle of ["hand-fork", "narrow-trowel"]) {
    await addProduct(page, `/products/${handle}`);
    titles.push(await page.locator("h1").innerText());
  }
  await page.goto("/cart");
  await hydrated(page);
  const remove = (title: string | undefined) =>
    page.getByRole("button", { name: `Remove ${title}` });
  await remove(titles[0]).focus();
  await page.keyboard.press("Enter");
  await expect(page.locator(".cart-line")).toHaveCount(1);
  await expect(remove(titles[1])).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator(".cart-empty-title")).toBeFocused();
});

test("choosing an order applies it, and going back shows the order of the list", async ({
  page,
}) => {
  await page.goto("/collections/all");
  await hydrated(page);
  const menu = page.getByLabel("Sort by");
  await expect(page.getByRole("button", { name: "Sort", exact: true })).toBeHidden();
  await menu.selectOption("price-asc");
  await expect(page).toHaveURL(/\/collections\/all\?sort=price-asc$/);
  await expect(menu).toHaveValue("price-asc");
  await page.goBack();
  await expect(page).toHaveURL(/\/collections\/all$/);
  await expect(menu).toHaveValue("featured");
  await hydrated(page);
  await page.waitForTimeout(300);
  await expect(page).toHaveURL(/\/collections\/all$/);
});

test("a sold-out product has no quantity, a single variant no gap", async ({ page }) => {
  await page.goto("/products/hand-fork");
  await expect(page.locator(".variant-picker")).toBeHidden();
  await page.goto("/products/goatskin-gloves");
  await hydrated(page);
  await expect(page.locator(".stepper")).toBeVisible();
  await page.locator(".pill", { hasText: "Soot" }).click();
  await page.locator(".pill", { hasText: "Long" }).click();
  await expect(page.locator(".add-button")).toBeDisabled();
  await expect(page.locator(".stepper")).toHaveCount(0);
});

test("the first pictures of a list are loaded eagerly, the others lazily", async ({ page }) => {
  for (const path of ["/collections/all", "/search?q=pot"]) {
    const html = await (await page.request.get(path)).text();
    const images = Array.from(html.matchAll(/<img [^>]*class="card-image"[^>]*>/g), ([tag]) => tag);
    expect(images.length, path).toBeGreaterThan(1);
    expect(
      images.map((tag) => !tag.includes('loading="lazy"')),
      path,
    ).toEqual(images.map((_, i) => i < 4));
    expect(
      images.map((tag) => tag.includes('fetchpriority="high"')),
      path,
    ).toEqual(images.map((_, i) => i === 0));
  }
});

test("pictures, icons and the style sheet are immutable, with a new address per content", async ({
  page,
}) => {
  const kept = new Map<string, string>();
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.startsWith("/static/"))
      kept.set(pathname, response.headers()["cache-control"] ?? "");
  });
  for (const path of ["/", "/collections/all", "/products/hand-fork", "/search?q=pot"]) {
    await page.goto(path, { waitUntil: "networkidle" });
    await expect(page.locator('link[rel="stylesheet"]')).toHaveCount(1);
  }
  const names = [...kept.keys()];
  for (const part of [/\/theme-/, /\/icons\//, /\/products\//, /\/hero-/])
    expect(
      names.some((name) => part.test(name)),
      String(part),
    ).toBe(true);
  for (const [name, cache] of kept) {
    expect(name).toMatch(/-[0-9a-f]{10}\.\w+$/);
    expect(cache, name).toContain("immutable");
  }
});

test("a later page of a list has a title and an address of its own", async ({ page }) => {
  await page.goto("/collections/all");
  const first = await page.title();
  await page.getByRole("link", { name: "More products" }).click();
  expect(await page.title()).toContain("page 2");
  expect(await page.title()).not.toBe(first);
  const canonical = () => page.locator('link[rel="canonical"]').getAttribute("href");
  const second = (await canonical()) ?? "";
  expect(second).toMatch(/\/collections\/all\?cursor=[\w-]+$/);
  const cards = await page.locator(".card-title").allInnerTexts();
  await page.goto(second);
  expect(await page.locator(".card-title").allInnerTexts()).toEqual(cards);
  await page.goto("/collections/all?sort=price-asc");
  expect(await canonical()).toMatch(/\/collections\/all$/);
});

test("a description ends with a whole word", async ({ page }) => {
  for (const path of [
    "/",
    "/collections/all",
    "/products/hand-fork",
    "/products/goatskin-gloves",
  ]) {
    await page.goto(path);
    const description =
      (await page.locator('meta[name="description"]').getAttribute("content")) ?? "";
    expect(description.length, path).toBeGreaterThan(10);
    expect([...description].length, path).toBeLessThanOrEqual(160);
    if (!description.endsWith("…")) continue;
    const words = (await page.locator(".product-body").innerText()).split(/\s+/);
    const last = description.slice(0, -1).split(" ").at(-1) ?? "";
    expect(
      words.map((word) => word.replace(/[,;:–—-]+$/, "")),
      path,
    ).toContain(last);
  }
});

test("the lines of large headings do not touch", async ({ page }) => {
  for (const width of [320, 768, 1024, 1440]) {
    await page.setViewportSize({ width, height: 800 });
    await page.goto("/");
    const title = page.locator(".hero-title");
    const [size, height] = [
      await look(page, ".hero-title", "font-size"),
      await look(page, ".hero-title", "line-height"),
    ];
    expect(Number.parseFloat(height) / Number.parseFloat(size)).toBeGreaterThanOrEqual(1.08);
    await expect(title).toBeVisible();
    const name = await page.locator(".logo-name").boundingBox();
    expect(name?.height, "the shop's name is on one line").toBeLessThan(
      1.5 * Number.parseFloat(await look(page, ".logo-name", "font-size")),
    );
  }
});

test("recent CSS has a fallback for older browsers", () => {
  const css = readFileSync(
    new URL("../../framework/protium/theme/static/theme.css", import.meta.url),
    "utf8",
  ).replaceAll(/\/\*[\s\S]*?\*\//g, "");
  // Declarations, each with the at-rules around it and those before it in its rule.
  const missing: string[] = [];
  // What is shown, a slash, and what is read out.
  const spoken = /"[^"]*"\s*\/\s*"/;
  const around: string[] = [];
  let earlier: string[] = [];
  for (const [, text = "", end] of css.matchAll(/([^{};]*)([{};])/g)) {
    const part = text.trim();
    if (end === "{") {
      around.push(part);
      earlier = [];
      continue;
    }
    const [name = "", value = ""] = part.split(/:(.*)/s).map((piece) => piece.trim());
    const guarded = (word: string) =>
      around.some((rule) => rule.startsWith("@supports") && rule.includes(word));
    const plain = (known: (value: string) => boolean) =>
      earlier.some((before) => before.startsWith(`${name}:`) && known(before));
    const news: [boolean, boolean][] = [
      [
        /color-mix\(/.test(value),
        guarded("color-mix") ||
          (!name.startsWith("--") && plain((before) => !before.includes("color-mix"))),
      ],
      [/oklch\(|oklab\(/.test(value), guarded("oklch")],
      [name === "content" && spoken.test(value), plain((before) => !spoken.test(before))],
      [/\d(dvh|svh|lvh)\b/.test(value), plain((before) => /\dvh\b/.test(before))],
      [/^(translate|rotate)$/.test(name), false],
    ];
    if (news.some(([used, covered]) => used && !covered)) missing.push(part);
    earlier.push(part.replace(/\s*:\s*/, ":"));
    if (end === "}") {
      around.pop();
      earlier = [];
    }
  }
  expect(missing).toEqual([]);
});
