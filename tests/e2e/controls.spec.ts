/** Fields whose component refuses some input. */
import { added, buyableProduct, expect, hydrated, test } from "./fixtures.ts";

for (const typed of ["0", "-3", "2.5", "1e1", "", "1000000", "99999"]) {
  test(`a quantity of "${typed}" is replaced when the field is left`, async ({ page }) => {
    await page.goto(await buyableProduct(page));
    await hydrated(page);
    const field = page.locator(".product-form .stepper-input");
    await field.click();
    await field.press("ControlOrMeta+a");
    await field.press("Delete");
    await field.pressSequentially(typed);
    await field.press("Tab");
    const shown = await field.inputValue();
    expect(shown).toMatch(/^[1-9][0-9]{0,2}$/);
    // What it shows is what is added.
    const request = page.waitForRequest("**/cart/add");
    await added(page, () => page.getByRole("button", { name: "Add to cart", exact: true }).click());
    expect(new URLSearchParams((await request).postData() ?? "").get("quantity")).toBe(shown);
  });
}

test("a value is accepted after a refused one", async ({ page }) => {
  await page.goto(await buyableProduct(page));
  await hydrated(page);
  const field = page.locator(".product-form .stepper-input");
  for (const [typed, shown] of [
    ["0", "1"],
    ["2", "2"],
    ["0", "1"],
    ["2", "2"],
    ["x", "2"],
  ] as const) {
    await field.click();
    await field.press("ControlOrMeta+a");
    await field.press("Delete");
    await field.pressSequentially(typed);
    await field.press("Tab");
    await expect(field).toHaveValue(shown);
  }
});
