/** Small screens, long words, right-to-left text: the lab's catalogue has a product of each. */
import { addProduct, expect, hydrated, test, type Page } from "./lab.ts";

test.use({ viewport: { width: 320, height: 640 } });

const paths = [
  "/",
  "/collections/all",
  "/products/long",
  "/products/scarf",
  "/products/rtl",
  "/search?q=scarf",
  "/cart",
  "/nowhere",
];

/** Puts the product with the longest words, and another, into the cart. */
const fill = async (page: Page): Promise<void> => {
  for (const handle of ["long", "scarf"]) await addProduct(page, `/products/${handle}`);
};

/** What lies outside of the screen and cannot be scrolled to within its own box. */
const sticksOut = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const inScroller = (element: Element): boolean => {
      for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
        if (/auto|scroll|hidden|clip/.test(getComputedStyle(at).overflowX)) return true;
      }
      return false;
    };
    const out = [...document.body.querySelectorAll("*")].filter((element) => {
      const box = element.getBoundingClientRect();
      return box.width > 1 && (box.right > width + 0.5 || box.left < -0.5) && !inScroller(element);
    });
    const wide =
      document.documentElement.scrollWidth > width
        ? [`the page is ${document.documentElement.scrollWidth} wide`]
        : [];
    return [
      ...wide,
      ...out.map(
        (element) =>
          `${element.localName}.${element.className}: ${element.textContent?.slice(0, 40)}`,
      ),
    ];
  });

/** Texts that their own box cuts off. */
const cutOff = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [
      ...document.body.querySelectorAll<HTMLElement>(
        "a, button, h1, h2, h3, p, span, li, label, dt, dd",
      ),
    ]
      .filter(
        (element) =>
          !element.closest(".visually-hidden, .skip-link, [role=status], .icon") &&
          element.offsetParent,
      )
      .filter(
        (element) =>
          /hidden|clip/.test(getComputedStyle(element).overflowY) &&
          element.scrollHeight > element.clientHeight + 1,
      )
      .map(
        (element) =>
          `${element.localName}.${element.className}: ${element.textContent?.slice(0, 40)}`,
      ),
  );

test("nothing scrolls sideways at 320 px, however long the words are", async ({
  page,
  complaints,
}) => {
  complaints.allow(/status of 404 .*nowhere/);
  await fill(page);
  for (const path of paths) {
    await page.goto(path);
    await hydrated(page);
    expect(await sticksOut(page), path).toEqual([]);
  }
});

test("text with the visitor's spacing is not cut off (WCAG 1.4.12)", async ({
  page,
  complaints,
}) => {
  complaints.allow(/status of 404 .*nowhere/);
  await fill(page);
  for (const path of paths) {
    await page.goto(path);
    await hydrated(page);
    // WCAG 1.4.12, as a visitor's own style sheet would say it.
    await page.evaluate(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(`
        * {
          line-height: 1.5 !important;
          letter-spacing: .12em !important;
          word-spacing: .16em !important;
        }
        p { margin-bottom: 2em !important }
      `);
      document.adoptedStyleSheets = [sheet];
    });
    expect(await sticksOut(page), path).toEqual([]);
    expect(await cutOff(page), path).toEqual([]);
    const overlap = await page.evaluate(() => {
      const box = (selector: string) => document.querySelector(selector)?.getBoundingClientRect();
      const [label, count] = [box(".cart-badge-label"), box(".cart-badge-count")];
      return label && count && count.width > 0 && count.left < label.right;
    });
    expect(overlap, `${path}: the number is over the word`).toBe(false);
  }
});

test("an amount never breaks across lines", async ({ page }) => {
  await fill(page);
  for (const path of ["/products/long", "/collections/all", "/cart"]) {
    await page.goto(path);
    const broken = await page
      .locator(".price-now, .price-was, .cart-line-total, .cart-subtotal-amount")
      .evaluateAll((all) =>
        all
          .filter(
            (element) =>
              element.getClientRects().length > 1 ||
              getComputedStyle(element).whiteSpace !== "nowrap",
          )
          .map((element) => element.textContent),
      );
    expect(broken, path).toEqual([]);
  }
});

test("99+ items in the badge do not cover its label", async ({ page }) => {
  await addProduct(page, "/products/scarf", () => page.locator(".stepper-input").fill("250"));
  await expect(page.locator(".cart-badge-count")).toHaveText("99+");
  await expect(page.locator(".cart-badge")).toHaveAccessibleName("Cart, 250 items");
  const box = async (part: string) => page.locator(`.cart-badge-${part}`).boundingBox();
  const [label, count] = [await box("label"), await box("count")];
  expect(count?.x).toBeGreaterThan((label?.x ?? 0) + (label?.width ?? 0));
  expect(await sticksOut(page)).toEqual([]);
});

test("a page declares its text direction, and a title in another script its own", async ({
  page,
}) => {
  await page.goto("/products/rtl");
  await expect(page.locator("html")).toHaveAttribute("dir", "ltr");
  const direction = (selector: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((element) => getComputedStyle(element).direction);
  expect(await direction("h1")).toBe("rtl");
  await page.goto("/products/scarf");
  expect(await direction("h1")).toBe("ltr");
});

test("a picture that does not load leaves a plain background", async ({ page, complaints }) => {
  complaints.allow(/Failed to load resource/);
  await page.route("**/static/*.svg", (route) =>
    route.request().url().includes("picture") ? route.continue() : route.abort(),
  );
  await page.goto("/products/scarf");
  const image = page.locator(".gallery-image").first();
  await expect(image).toHaveJSProperty("complete", true);
  await expect(image).toHaveAccessibleName("Scarf");
  // Neither the browser's torn picture nor the words: but for the middle it is all one colour.
  const png = (await image.screenshot()).toString("base64");
  const colours = await page.evaluate(async (png) => {
    const picture = new Image();
    picture.src = `data:image/png;base64,${png}`;
    await picture.decode();
    const canvas = Object.assign(document.createElement("canvas"), {
      width: picture.width,
      height: picture.height,
    });
    const context = canvas.getContext("2d")!;
    context.drawImage(picture, 0, 0);
    const found = new Set<string>();
    const band = Math.floor(picture.height / 5);
    // A few pixels at the edges are half another box's.
    for (const [width, height] of [
      [picture.width - 8, band],
      [band, picture.height - 8],
    ] as const) {
      const { data } = context.getImageData(4, 4, width, height);
      for (let i = 0; i < data.length; i += 4)
        found.add(`${data[i]} ${data[i + 1]} ${data[i + 2]}`);
    }
    return [...found];
  }, png);
  expect(colours).toHaveLength(1);
});

test("the add button is visible on a phone, at the top of the page and at its end", async ({
  page,
}) => {
  await page.goto("/products/long");
  await hydrated(page);
  const add = page.locator(".add-button");
  await expect(add).toBeInViewport({ ratio: 1 });
  await page.locator(".prose table").scrollIntoViewIfNeeded();
  await expect(add).toBeInViewport({ ratio: 1 });
  // It is not over what the keyboard is on.
  await page.goto("/products/scarf");
  for (const pill of await page.locator(".pill").all()) {
    await pill.focus();
    const [here, bar] = [
      await pill.boundingBox(),
      await page.locator(".add-to-cart").boundingBox(),
    ];
    expect((here?.y ?? 0) + (here?.height ?? 0)).toBeLessThanOrEqual((bar?.y ?? 0) + 0.5);
  }
});

test("the row of pictures hints at more, and scrolls by keyboard", async ({ page }) => {
  await page.goto("/products/scarf");
  await hydrated(page);
  const second = page.locator(".gallery-image").nth(1);
  const ahead = await second.evaluate(
    (element) => innerWidth - element.getBoundingClientRect().left,
  );
  expect(ahead).toBeGreaterThan(20);
  const strip = page.getByRole("group", { name: "Pictures of Scarf" });
  await strip.focus();
  await expect(strip).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => strip.evaluate((element) => element.scrollLeft)).toBeGreaterThan(100);
});
