/**
 * Effects and event fields that need a browser: dialogs, visibility, page functions, paint,
 * storage.
 */
import { expect, hydrated, test, type Page } from "./lab.ts";

const open = async (page: Page, name: string): Promise<void> => {
  await page.goto(`/pages/${name}`);
  await hydrated(page);
};

test("pointer events have the offset in the element, and the modifier keys", async ({ page }) => {
  await open(page, "pad");
  await page.locator(".pad").evaluate((pad: HTMLElement) => {
    pad.style.cssText = "width: 200px; height: 100px; margin: 40px";
  });
  await page.mouse.wheel(0, 200);
  await page.waitForFunction(() => scrollY > 100);
  await page.locator(".pad").click({ position: { x: 30, y: 12 }, modifiers: ["Shift"] });
  await expect(page.locator(".point")).toHaveText("30,12 in 200x100 0 mouse");
  await expect(page.locator(".shift")).toBeVisible();
  await page.locator(".pad").click({ position: { x: 5, y: 6 }, button: "middle" });
  await expect(page.locator(".point")).toHaveText("5,6 in 200x100 1 mouse");
  await expect(page.locator(".shift")).toBeHidden();
});

test("composed input is distinguished from typed input", async ({ page }) => {
  await open(page, "pad");
  await page.locator(".composed").focus();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Input.imeSetComposition", {
    text: "に",
    selectionStart: 1,
    selectionEnd: 1,
  });
  await expect(page.locator(".composed")).toHaveValue("に");
  await expect(page.locator(".text")).toHaveText("");
  await devtools.send("Input.insertText", { text: "日本" });
  await expect(page.locator(".text")).toHaveText("日本");
});

test("details opened before hydration stay open, and their component gets it", async ({ page }) => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/*.wasm", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto("/pages/about");
  await page.locator("summary").click();
  await expect(page.locator("details")).toHaveAttribute("open", "");
  release();
  await hydrated(page);
  await expect(page.locator("output")).toHaveText("open");
  await expect(page.locator("details")).toHaveAttribute("open", "");
  await page.locator(".flip").click();
  await expect(page.locator("details")).not.toHaveAttribute("open");
  await page.locator("summary").click();
  await expect(page.locator("output")).toHaveText("open");
});

test("a modal dialog makes the page inert, and its component gets the close event", async ({
  page,
}) => {
  await open(page, "ask");
  await page.locator(".open").click();
  await expect(page.locator("dialog")).toBeVisible();
  expect(await page.locator("dialog").evaluate((dialog) => dialog.matches(":modal"))).toBe(true);
  await expect(page.locator(".no")).toBeFocused();
  await page.locator(".yes").click();
  await expect(page.locator("dialog")).toBeHidden();
  await expect(page.locator(".answer")).toHaveText("yes 1");
  await page.locator(".open").click();
  await page.keyboard.press("Escape");
  await expect(page.locator(".answer")).toHaveText("yes 2");
  await page.locator(".open").click();
  await expect(page.locator("dialog")).toBeVisible();
});

test("an observed end of a list loads more rows; ObserveOnce is delivered once", async ({
  page,
}) => {
  await open(page, "endless");
  await expect(page.locator("li")).toHaveCount(3);
  for (const rows of [6, 9]) {
    await page.locator(".end").scrollIntoViewIfNeeded();
    await expect(page.locator("li")).toHaveCount(rows);
    await page.evaluate(() => scrollTo(0, 0));
    await expect(page.locator(".end")).not.toBeInViewport();
  }
  await page.locator(".end").scrollIntoViewIfNeeded();
  await expect(page.locator(".end")).toHaveText("1");
});

test("a component calls a function that the page declared, and no other", async ({
  page,
  complaints,
}) => {
  await open(page, "track");
  await page.locator(".call").click();
  await expect(page.locator(".said")).toHaveText("</script> string 1152921504606846976 in track");
  complaints.allow(/the page declares no function toString/);
  const reported = page.evaluate(
    () =>
      new Promise<string>((resolve) =>
        document.addEventListener("go:error", (event) =>
          resolve((event as CustomEvent<{ message: string }>).detail.message),
        ),
      ),
  );
  await page.locator(".missing").click();
  expect(await reported).toContain("the page declares no function toString");
  await expect(page.locator(".said")).toHaveText("failed");
});

test("a page function may be declared after the component is hydrated", async ({ page }) => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/functions*.js", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto("/pages/track", { waitUntil: "domcontentloaded" });
  await hydrated(page);
  await page.locator(".call").click();
  await page.locator(".paint").click();
  await expect(page.locator(".painted")).toBeVisible();
  await expect(page.locator(".said")).toHaveText("");
  release();
  await expect(page.locator(".said")).toContainText("in track");
});

test("AfterPaint is delivered after the next frame", async ({ page }) => {
  await open(page, "track");
  await page.locator(".paint").click();
  await expect(page.locator(".painted")).toBeVisible();
});

const add = async (page: Page, title: string): Promise<void> => {
  await page.locator("input[name=title]").fill(title);
  await page.getByRole("button", { name: "Add" }).click();
};

test("persisted state is there on the next page, with what changed as the last was left", async ({
  page,
}) => {
  await open(page, "shelf");
  await add(page, "Emma");
  await add(page, "</script>");
  await expect(page.locator(".here")).toHaveText("2");
  await page.getByRole("link", { name: "elsewhere" }).click();
  await page.waitForURL("**/pages/plain");
  await open(page, "shelf");
  await expect(page.locator("li")).toHaveText(["Emma", "</script>"]);
  await expect(page.locator(".left")).toHaveText("1");
  await expect(page.locator(".here")).toHaveText("0");
});

for (const kept of [
  "no JSON",
  "[]",
  '{"version":"shelf:books","state":{"books":["x"]}}',
  '{"version":"shelf:books,left","state":{"books":[1],"left":"many","here":7}}',
  '{"version":"shelf:books,left","state":' + "[".repeat(10_000) + "]".repeat(10_000) + "}",
]) {
  test(`invalid stored state is ignored: ${kept.slice(0, 60)}`, async ({ page, complaints }) => {
    complaints.allow(/too large or too deep/);
    await page.addInitScript((text) => sessionStorage.setItem("go:shelf-1", text), kept);
    await open(page, "shelf");
    await add(page, "Emma");
    await expect(page.locator("li")).toHaveText(["Emma"]);
    await expect(page.locator(".here")).toHaveText("1");
    await expect(page.locator(".left")).toHaveText("0");
  });
}
