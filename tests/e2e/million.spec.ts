/** A million SKUs, filtered in the page: each move of a slider is a query in the next frame. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, type Page } from "./fixtures.ts";

const PATH = "/demo/million";

interface Query {
  from: number;
  to: number;
  total: number;
}

/** What a query found, as the page measured it. */
interface Measured extends Query {
  milliseconds: number;
}

/** What was measured since the page was opened, or since it was asked for the last time. */
const measured = (page: Page): Promise<Measured[]> =>
  page.evaluate(() => (Reflect.get(window, "protiumTestMeasured") as () => Measured[])());

/** Opens the page and waits for its first answer. */
async function open(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const entries: PerformanceEntry[] = [];
    const observer = new PerformanceObserver((list) => entries.push(...list.getEntries()));
    observer.observe({ entryTypes: ["measure"] });
    Reflect.set(window, "protiumTestMeasured", () => {
      entries.push(...observer.takeRecords());
      return entries.splice(0).map((entry) => ({
        ...((entry as PerformanceMeasure).detail as Query),
        milliseconds: entry.duration,
      }));
    });
  });
  await page.goto(PATH);
  await expect(page.locator(".million-found")).toHaveText(/^[\d,]+ of [\d,]+ products$/, {
    timeout: 30_000,
  });
}

const found = async (page: Page): Promise<number> =>
  parseInt((await page.locator(".million-found").innerText()).replaceAll(",", ""), 10);

/**
 * How many products have a variant for at most the price of each of these ranks, by a plain loop
 * over what cards show: the lowest price, the brand and the type of each product.
 */
const plainly = (page: Page, ranks: number[], brand?: number): Promise<number[]> =>
  page.evaluate(
    async ({ ranks, brand }) => {
      const address = document.querySelector<HTMLElement>(".million")!.dataset["shown"]!;
      const bytes = await (await fetch(address)).arrayBuffer();
      const [prices, products] = new Uint32Array(bytes, 0, 2) as unknown as [number, number];
      const lowest = new Uint32Array(bytes, 8 + 4 * prices, products);
      const brands = new Uint8Array(bytes, 8 + 4 * (prices + products), products);
      const counted = new Map<number, number>();
      for (const rank of new Set(ranks)) {
        let count = 0;
        for (let at = 0; at < products; at++)
          if (lowest[at]! <= rank && (brand === undefined || brands[at] === brand)) count++;
        counted.set(rank, count);
      }
      return ranks.map((rank) => counted.get(rank)!);
    },
    { ranks, ...(brand === undefined ? {} : { brand }) },
  );

test("while the slider moves, each frame shows the answer for where it is", async ({ page }) => {
  await open(page);
  const slider = page.getByRole("slider", { name: "Price up to" });
  await measured(page);
  await page.evaluate(() => {
    const frames: { at: number; moved: boolean; value: string }[] = [];
    const slider = document.querySelector<HTMLInputElement>("[name=to]")!;
    let moved = false;
    slider.addEventListener("input", () => (moved = true));
    const next = (at: number): void => {
      frames.push({ at, moved, value: slider.value });
      moved = false;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
    Reflect.set(window, "protiumTestFrames", frames);
  });
  const box = (await slider.boundingBox())!;
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width - 9, y);
  await page.mouse.down();
  for (const part of [0.05, 0.8, 0.3])
    await page.mouse.move(box.x + box.width * part, y, { steps: 60 });
  await page.mouse.up();
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );

  const frames = await page.evaluate(
    () =>
      Reflect.get(window, "protiumTestFrames") as { at: number; moved: boolean; value: string }[],
  );
  const moves = frames.filter(({ moved }) => moved);
  const queries = await measured(page);
  expect(moves.length).toBeGreaterThan(20);
  expect(queries.map(({ to }) => to)).toEqual(moves.map(({ value }) => Number(value)));
  const ranks = queries.map(({ to }) => to);
  expect(queries.map(({ total }) => total)).toEqual(await plainly(page, ranks));
  expect(await found(page)).toBe(queries.at(-1)!.total);
  expect(Number(await slider.inputValue())).toBe(queries.at(-1)!.to);

  const middle = (numbers: number[]): number =>
    numbers.sort((one, other) => one - other)[Math.floor(numbers.length / 2)]!;
  const between = frames.slice(1).map(({ at }, before) => at - frames[before]!.at);
  const late = between.filter((milliseconds) => milliseconds > 25).length;
  const query = middle(queries.map(({ milliseconds }) => milliseconds));
  console.log(
    `${queries.length} queries, ${query.toFixed(2)} ms at the median; ${frames.length} frames, ` +
      `${middle(between).toFixed(1)} ms apart at the median, ${late} later than 25 ms`,
  );
});

test("choices narrow what is found, and counts say what each other choice would find", async ({
  page,
}) => {
  await open(page);
  const all = await found(page);
  const brands = page.locator("[data-facet='0']");
  const [first, second] = [0, 1].map((at) => brands.getByRole("checkbox").nth(at)) as [
    ReturnType<Page["locator"]>,
    ReturnType<Page["locator"]>,
  ];
  const count = async (at: number): Promise<number> =>
    parseInt((await brands.locator(".million-count").nth(at).innerText()).replaceAll(",", ""), 10);
  const [ofFirst, ofSecond] = [await count(0), await count(1)];
  await first.check();
  await expect.poll(() => found(page)).toBe(ofFirst);
  expect([ofFirst]).toEqual(await plainly(page, [Number.MAX_SAFE_INTEGER], 0));
  // A facet's counts are those without its own choice.
  expect(await count(1)).toBe(ofSecond);
  await second.check();
  await expect.poll(() => found(page)).toBe(ofFirst + ofSecond);
  await page.getByRole("checkbox", { name: "In stock only" }).check();
  await expect.poll(() => found(page)).toBeLessThan(ofFirst + ofSecond);
  await page.getByRole("button", { name: "Clear all" }).click();
  await expect.poll(() => found(page)).toBe(all);
});

test("with SIMD and without, the answers are the same", async ({ page }) => {
  await open(page);
  await page.locator("[data-facet='1']").getByRole("checkbox").first().check();
  const shown = async (): Promise<string[]> => [
    await page.locator(".million-found").innerText(),
    ...(await page.locator(".million-count").allInnerTexts()),
    ...(await page.locator(".million-title").allInnerTexts()),
  ];
  await page.getByLabel("Sort by").selectOption("high");
  await expect.poll(async () => (await measured(page)).length).toBeGreaterThan(0);
  const simd = page.getByRole("switch", { name: "SIMD" });
  await expect(simd).toBeChecked();
  const withSimd = await shown();
  await measured(page);
  await simd.uncheck();
  await expect.poll(async () => (await measured(page)).length).toBeGreaterThan(0);
  await expect(simd).toBeEnabled();
  expect(await shown()).toEqual(withSimd);
});

test("a slider obeys the keyboard, and sliders that passed each other are exchanged", async ({
  page,
}) => {
  await open(page);
  const [from, to] = ["Price from", "Price up to"].map((name) =>
    page.getByRole("slider", { name }),
  ) as [ReturnType<Page["locator"]>, ReturnType<Page["locator"]>];
  await to.focus();
  await page.keyboard.press("Home");
  const last = (): Promise<Measured | undefined> =>
    measured(page).then((queries) => (latest = queries.at(-1) ?? latest));
  let latest: Measured | undefined;
  await expect.poll(last).toMatchObject({ from: 0, to: 0 });
  await from.focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(last).toMatchObject({ from: 0, to: 1 });
  expect(await found(page)).toBe((await plainly(page, [1]))[0]);
});

for (const { width, colorScheme } of [
  { width: 360, colorScheme: "dark" },
  { width: 1280, colorScheme: "light" },
] as const) {
  const screen = `${width} pixels wide and ${colorScheme}`;
  test(`${screen}, nothing shifts, sticks out or is inaccessible`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    await page.addInitScript(() => {
      const shifts: string[] = [];
      Reflect.set(window, "protiumTestShifts", shifts);
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          const { value, sources } = entry as unknown as {
            value: number;
            sources: { node?: Element }[];
          };
          shifts.push(`${value} ${sources.map(({ node }) => node?.className).join()}`);
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    await open(page);
    await measured(page);
    await page.getByRole("checkbox", { name: "In stock only" }).check();
    await expect.poll(async () => (await measured(page)).length).toBeGreaterThan(0);
    expect(await page.evaluate(() => Reflect.get(window, "protiumTestShifts"))).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    const { violations } = await new AxeBuilder({ page }).include("main").analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  });
}

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the page says what it needs", async ({ page }) => {
    await page.goto(PATH);
    await expect(page.locator(".million-needs")).toContainText("needs JavaScript");
  });
});
