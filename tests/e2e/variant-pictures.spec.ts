/** Gallery and variant are one state, however the variant was chosen. */
import { added, expect, hydrated, recordMutations, test, type Page } from "./lab.ts";

/** The pictures of the gallery, first to last, by their files' names. */
const pictures = (page: Page): Promise<string[]> =>
  page
    .locator(".gallery-image")
    .evaluateAll((all) =>
      all.map(
        (image) => /([a-z]+)-[0-9a-f]{10}\.svg$/.exec(image.getAttribute("src") ?? "")?.[1] ?? "?",
      ),
    );

const colour = (page: Page, name: string) => page.locator(".pill", { hasText: name });

test("choosing a variant brings its picture to the front, also where the row was scrolled", async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const mutations = await recordMutations(page, "main");
  await page.goto("/products/scarf");
  await hydrated(page);
  expect(await mutations()).toEqual([]);
  expect(await pictures(page)).toEqual(["blue", "red"]);
  const strip = page.locator(".gallery-strip");
  await strip.evaluate((element) =>
    element.scrollTo({ left: element.scrollWidth, behavior: "instant" }),
  );

  await colour(page, "Red").click();
  await expect.poll(() => pictures(page)).toEqual(["red", "blue"]);
  expect(await strip.evaluate((element) => element.scrollLeft)).toBe(0);
  await expect(page.locator(".gallery-image").first()).toBeInViewport();

  await colour(page, "Green").click();
  await expect.poll(() => pictures(page)).toEqual(["blue", "red"]);
});

test("an address with a variant shows its picture first", async ({ page }) => {
  await page.goto("/products/scarf?Colour=Red");
  expect(await pictures(page)).toEqual(["red", "blue"]);
  await hydrated(page);
  await expect(page.locator(".pill[aria-current=true]")).toHaveText("Red");
});

test("the cart shows the picture of the variant that was chosen", async ({ page }) => {
  await page.goto("/products/scarf");
  await hydrated(page);
  await colour(page, "Red").click();
  await added(page, () => page.getByRole("button", { name: "Add to cart", exact: true }).click());
  await page.goto("/cart");
  await expect(page.locator(".cart-line-image")).toHaveAttribute("src", /\/red-[0-9a-f]{10}\.svg$/);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a link to a variant leads to its picture", async ({ page }) => {
    await page.goto("/collections/all");
    await page.locator("a.card-link", { hasText: "Scarf" }).click();
    expect(await pictures(page)).toEqual(["blue", "red"]);
    await colour(page, "Red").click();
    expect(await pictures(page)).toEqual(["red", "blue"]);
  });
});
