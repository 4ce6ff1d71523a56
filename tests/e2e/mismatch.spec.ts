import { expect, hydrated, recordMutations, test, type Page } from "./lab.ts";

/** Changes the page's bytes in transit, as a proxy or an extension would. */
async function tamper(page: Page, change: (html: string) => string): Promise<void> {
  await page.route("**/pages/*", async (route) => {
    const response = await route.fetch();
    const html = await response.text();
    const changed = change(html);
    expect(changed, "the page was changed").not.toBe(html);
    await route.fulfill({ response, body: changed });
  });
}

const wrongText = (html: string) => html.replace(/(<output[^>]*>)1(<\/output>)/, "$141$2");
const development = (html: string) => html.replace('"dev":false', '"dev":true');

test("a changed value is repaired within its island, and nothing else is written to", async ({
  page,
}) => {
  const mutations = await recordMutations(page, "body");
  await tamper(page, wrongText);
  await page.goto("/pages/counters");
  await hydrated(page);
  const first = page.locator('[data-go-id="counter-1"]');
  await expect(first.locator("output")).toHaveText("1");
  expect(await mutations()).toEqual(["characterData #text +0 -0"]);
  await first.locator("button.inc").click();
  await expect(first.locator("output")).toHaveText("2");
});

test("in development a changed value is reported with component, slot and both values", async ({
  page,
  complaints,
}) => {
  complaints.allow(/counter/);
  const said: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") said.push(message.text());
  });
  await tamper(page, (html) => development(wrongText(html)));
  await page.goto("/pages/counters");
  await hydrated(page);
  await expect.poll(() => said).toHaveLength(1);
  const [report] = said;
  expect(report).toContain("<go-counter> counter-1:");
  expect(report).toMatch(/counter-1\.0: the text\s+in the page: +"41"\s+expected: +"1"/);
});

test("an element that is missing has its island rendered again", async ({ page }) => {
  await tamper(page, (html) => html.replace(/<output data-go-id="counter-1[^>]*>1<\/output>/, ""));
  await page.goto("/pages/counters");
  await hydrated(page);
  const first = page.locator(".counter").first();
  await expect(first.locator("output")).toHaveText("1");
  await first.locator("button.inc").click();
  await expect(first.locator("output")).toHaveText("2");
});

test("an unexpected id has its island rendered again, and no other", async ({ page }) => {
  await tamper(page, (html) =>
    html.replace('data-go-id="counter-1.0"', 'data-go-id="counter-1.7"'),
  );
  await page.goto("/pages/counters");
  await hydrated(page);
  await expect(page.locator(".counter output")).toHaveText([
    "1",
    "9007199254740993",
    "-9223372036854775808",
  ]);
  await page.locator(".counter").first().locator("button.inc").click();
  await expect(page.locator(".counter output").first()).toHaveText("2");
});

test("a changed digest has the island rendered from the snapshot", async ({ page }) => {
  await tamper(page, (html) =>
    html.replace(/("id":"counter-1"[^}]*?"d":")[0-9a-f]{16}/, "$10000000000000000"),
  );
  await page.goto("/pages/counters");
  await hydrated(page);
  await page.locator(".counter").first().locator("button.inc").click();
  await expect(page.locator(".counter output").first()).toHaveText("2");
});

test("slot content survives when its island is rendered again", async ({ page }) => {
  await tamper(page, (html) =>
    html
      .replace('class="panel-content"', 'class="panel-content" data-x="1"')
      .replace(/("id":"panel-1"[^}]*?"d":")[0-9a-f]{16}/, "$10000000000000000"),
  );
  await page.goto("/pages/panel");
  await hydrated(page);
  await expect(page.locator(".panel-content p")).toContainText("Inside:");
  await page.locator(".panel-content button.inc").click();
  await expect(page.locator(".panel-content output")).toHaveText("4");
});
