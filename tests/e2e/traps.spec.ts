import { expect, hydrated, test } from "./lab.ts";

test("a trap in a handler leaves a working page with the state from before the click", async ({
  page,
  complaints,
}) => {
  complaints.allow(/./);
  await page.goto("/pages/counters");
  await hydrated(page);
  const first = page.locator('[data-go-id="counter-1"]');
  const second = page.locator('[data-go-id="counter-2"]');
  await first.locator(".inc").click();
  await expect(first.locator("output")).toHaveText("2");
  await first.locator(".fail").click();
  await first.locator(".inc").click();
  await expect(first.locator("output")).toHaveText("3");
  await second.locator(".inc").click();
  await expect(second.locator("output")).toHaveText("9007199254740994");
});

test("the state of lists and their rows survives a trap", async ({ page, complaints }) => {
  complaints.allow(/./);
  await page.goto("/pages/guests");
  await hydrated(page);
  await page.locator("button.first").click();
  await page.locator("button.tally").first().click();
  await page.evaluate(() => Reflect.get(window, "goCall")("guests-1", "Fail") as Promise<boolean>);
  await page.locator("button.reverse").click();
  await page.locator("li", { hasText: "New" }).locator(".remove").click();
  await expect(page.locator(".guests .name")).toHaveText(["Cy", "Bo", "Ada"]);
  await page.locator("button.tally").last().click();
  await expect(page.locator("button.tally")).toHaveText(["2", "2"]);
});

test("after three traps in a minute the page works without handlers", async ({
  page,
  complaints,
}) => {
  complaints.allow(/./);
  await page.goto("/pages/counters");
  await hydrated(page);
  const first = page.locator('[data-go-id="counter-1"]');
  for (let i = 0; i < 3; i++) await first.locator(".fail").click();
  await first.locator(".inc").click();
  await page.waitForTimeout(300);
  await expect(first.locator("output")).toHaveText("1");
});

test("a trap in one of 24 cards on the server affects only that card", async ({ page }) => {
  await page.goto("/pages/fuses");
  await hydrated(page);
  await expect(page.locator(".fuse")).toHaveCount(23);
  await expect(page.locator(".fallback")).toHaveText("Card 13 is resting");
  await page.locator(".fuse button", { hasText: /^24$/ }).click();
  await expect(page.locator(".fuse button").last()).toHaveText("124");
});
