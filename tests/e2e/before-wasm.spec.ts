import { delayWasm, expect, hydrated, test } from "./lab.ts";

test("clicks and typing before the wasm arrives happen once, in order", async ({ page }) => {
  await delayWasm(page, 3000);
  await page.goto("/pages/echo");
  const echo = page.locator('[data-go-id="echo-1"]');
  await echo.locator(".note").click();
  await echo.locator("input").fill("typed early");
  await echo.locator(".note").click();
  const counter = page.locator('[data-go-id="counter-1"]');
  await counter.locator("button.inc").click();
  await counter.locator("button.inc").click();
  await expect(echo).not.toHaveAttribute("data-go-hydrated");
  await hydrated(page);
  await expect(echo.locator(".log")).toHaveText("ctc");
  await expect(echo.locator(".text")).toHaveText("typed early");
  await expect(counter.locator("output")).toHaveText("2");
});

test("a field that was typed into before hydration keeps text, caret and focus", async ({
  page,
}) => {
  await delayWasm(page, 1500);
  await page.goto("/pages/echo");
  const field = page.locator('[data-go-id="echo-1"] input');
  await field.click();
  await field.press("End");
  await field.pressSequentially(", then typed");
  for (let i = 0; i < 5; i++) await field.press("ArrowLeft");
  const state = () =>
    field.evaluate((input: HTMLInputElement) => ({
      value: input.value,
      start: input.selectionStart,
      focused: document.activeElement === input,
    }));
  const before = await state();
  expect(before).toEqual({ value: "as sent, then typed", start: 14, focused: true });
  await hydrated(page);
  expect(await state()).toEqual(before);
  await expect(page.locator('[data-go-id="echo-1"] .text')).toHaveText("as sent, then typed");
  await field.press("!");
  expect(await state()).toEqual({ value: "as sent, then !typed", start: 15, focused: true });
});

test("a change by the component reaches a field without focus", async ({ page }) => {
  await page.goto("/pages/echo");
  await hydrated(page);
  const field = page.locator('[data-go-id="echo-1"] input');
  await field.fill("something");
  await page.locator('[data-go-id="echo-1"] .clear').click();
  await expect(field).toHaveValue("");
});
