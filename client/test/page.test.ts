/** The runtime on a page, in Chromium: from before the wasm is loaded to after a trap. */
import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import type { Page } from "playwright-core";
import { browser, openForThisFile, send, site } from "./browser.ts";
import {
  BUILD,
  page as html,
  render,
  snapshotScript,
  type PageOptions,
  type Placed,
} from "./server.ts";
import type { Value } from "../src/values.ts";

const { ctx } = JSON.parse(
  readFileSync(new URL("../../tests/vectors/events.json", import.meta.url), "utf8"),
) as { ctx: Value };

let page: Page;
let said: string[];
/** Answers for the module, when they are held back. */
let held: ServerResponse[];

openForThisFile();
beforeEach(async () => {
  page = await (await browser.newContext()).newPage();
  said = [];
  held = [];
  page.on("console", (message) => message.type() == "error" && said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  // Records every change of the DOM, from before parsing.
  await page.addInitScript(() => {
    const records: string[] = ((window as never as { records: string[] }).records = []);
    const observe = (): void =>
      new MutationObserver((all) => {
        for (const { type, target, attributeName } of all)
          records.push(`${type} ${target.nodeName} ${attributeName ?? ""}`);
      }).observe(document.querySelector("main")!, {
        subtree: true,
        childList: true,
        attributes: true,
        characterData: true,
      });
    document.addEventListener("DOMContentLoaded", observe);
  });
});
afterEach(async () => {
  await page.context().close();
});

interface Options extends Partial<PageOptions> {
  stores?: Value;
  /** Whether the module's bytes wait until `arrive` is called. */
  late?: boolean;
  /** Changes the page's bytes in transit. */
  change?: (html: string) => string;
}

async function open(
  islands: Placed[],
  { late, change = (text) => text, ...options }: Options = {},
): Promise<void> {
  const file = inject("modules").tinygo;
  const capture = readFileSync(inject("assets") + "/capture.js", "utf8");
  site.routes.delete("*");
  site.asked.length = 0;
  if (late) site.routes.set("/_protium/module.wasm", (_, response) => void held.push(response));
  else site.file("/_protium/module.wasm", file, "application/wasm");
  const text = change(
    html(render(file, islands, ctx, options.stores ?? {}), {
      lane: "tinygo",
      ctx,
      capture,
      ...options,
    }),
  );
  // The module script waits for the whole page, so that the observer sees everything that it does.
  site.html("/", text.replace('type="module" async', 'type="module"'));
  await page.goto(site.url, { waitUntil: "domcontentloaded" });
}

async function arrive(): Promise<void> {
  await expect.poll(() => held.length).toBeGreaterThan(0);
  for (const response of held.splice(0))
    send(response, readFileSync(inject("modules").tinygo), "application/wasm");
}

const hydrated = (...ids: string[]): Promise<unknown> =>
  Promise.all(
    ids.map((id) =>
      page.waitForSelector(`[data-go-id="${id}"][data-go-hydrated]`, { state: "attached" }),
    ),
  );
const counter = (id: string, start = 0, h = "load"): Placed => ({
  id,
  c: "counter",
  p: { start },
  h,
});
const count = (id: string): Promise<string | null> =>
  page.locator(`[data-go-id="${id}"] span`).textContent();
const texts: Placed = { id: "texts-1", c: "texts", p: { a: "a", b: "b", note: "n" } };
const rows: Placed = { id: "rows-1", c: "rows", p: { rows: [] } };
const records = (): Promise<string[]> =>
  page.evaluate(() => (window as never as { records: string[] }).records);
const SELECTOR = '[data-go-id="counter-1"]';

test("hydrating an island without differences writes nothing", async () => {
  await open([
    counter("counter-1", 5),
    texts,
    rows,
    { id: "nested-1", c: "nested", p: {} },
    { id: "attributes-1", c: "attributes", p: { on: true } },
  ]);
  await hydrated("counter-1", "texts-1", "rows-1", "nested-1", "attributes-1");
  await page.waitForTimeout(200);
  expect((await records()).filter((record) => !record.endsWith("data-go-hydrated"))).toEqual([]);
  expect(said).toEqual([]);
});

test("go:hydrated is dispatched for each island", async () => {
  await page.addInitScript(() => {
    const ids: string[] = ((window as never as { ids: string[] }).ids = []);
    document.addEventListener("go:hydrated", (event) =>
      ids.push((event as CustomEvent<{ id: string }>).detail.id),
    );
  });
  await open([counter("counter-1"), counter("counter:red")]);
  await hydrated("counter-1", "counter:red");
  expect(await page.evaluate(() => (window as never as { ids: string[] }).ids)).toEqual([
    "counter-1",
    "counter:red",
  ]);
});

test("events before the module is loaded are delivered once, in order", async () => {
  await open([counter("counter-1"), texts], { late: true });
  await page.click(`${SELECTOR} .inc`);
  await page.locator(".type").pressSequentially("xyz");
  await page.click(`${SELECTOR} .inc`);
  await page.click(`${SELECTOR} .inc`);
  await arrive();
  await hydrated("counter-1", "texts-1");
  await expect.poll(() => count("counter-1")).toBe("3");
  await expect.poll(() => page.textContent("h2")).toBe("xyza");
  await page.waitForTimeout(300);
  expect(await count("counter-1")).toBe("3");
  expect(await page.inputValue(".type")).toBe("xyza");
});

test("a field typed into before hydration keeps text, caret and focus", async () => {
  await open([texts], { late: true });
  await page.focus(".type");
  await page.keyboard.type("hello");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  const state = (): Promise<unknown> =>
    page.evaluate(() => {
      const field = document.activeElement as HTMLInputElement;
      return [field.className, field.value, field.selectionStart];
    });
  const before = await state();
  await arrive();
  await hydrated("texts-1");
  await expect.poll(() => page.textContent("h2")).toBe(String((before as string[])[1]));
  await page.waitForTimeout(200);
  expect(await state()).toEqual(before);
});

test("a value that the browser restored is delivered to Go", async () => {
  await open([texts], { late: true });
  await page.evaluate(
    () => (document.querySelector<HTMLInputElement>(".type")!.value = "restored"),
  );
  await arrive();
  await expect.poll(() => page.textContent("h2")).toBe("restored");
});

test("a form is sent natively, once, when the module never arrives", async () => {
  await page.clock.install();
  await open([{ id: "buy-1", c: "buy", p: { variant: 7 } }], { late: true });
  await page.click("form button");
  await page.click("form button");
  await page.clock.runFor(7_000);
  expect(site.asked).toEqual([]);
  await page.clock.runFor(2_000);
  await page.waitForURL("**/cart/add");
  expect(site.asked).toEqual(["GET /cart/key", "POST /cart/add variant_id=7&note="]);
});

test("forms are sent natively, at once, when the module cannot be loaded", async () => {
  await open([{ id: "buy-1", c: "buy", p: { variant: 7 } }], { late: true });
  await page.click("form button");
  for (let i = 0; i < 2; i++) {
    await expect.poll(() => held.length).toBe(1);
    send(held.pop()!, "gone", "text/plain", 404);
  }
  await page.waitForURL("**/cart/add");
  expect(site.asked).toEqual(["GET /cart/key", "POST /cart/add variant_id=7&note="]);
});

test("a form is sent natively when the runtime itself cannot be loaded", async () => {
  await open([{ id: "buy-1", c: "buy", p: { variant: 7 } }], {
    change: (text) => text.replace("/_protium/runtime.js", "/_protium/gone.js"),
  });
  await page.click("form button");
  await page.waitForURL("**/cart/add");
  expect(site.asked.filter((request) => request.startsWith("POST"))).toEqual([
    "POST /cart/add variant_id=7&note=",
  ]);
});

test("a module with another content type is compiled all the same", async () => {
  await open([counter("counter-1")]);
  site.file("/_protium/module.wasm", inject("modules").tinygo, "application/octet-stream");
  await page.reload();
  await hydrated("counter-1");
});

test("an island waits until it is visible", async () => {
  await open([counter("counter-1", 0, "visible")], {
    body: '<div style="height:3000px"></div><!--island-->',
  });
  await page.waitForTimeout(300);
  expect(await page.locator("[data-go-hydrated]").count()).toBe(0);
  await page.mouse.wheel(0, 5000);
  await hydrated("counter-1");
});

test("an island waits for interaction, and the first click is delivered", async () => {
  await open([counter("counter-1", 0, "interaction"), counter("counter-2", 0, "interaction")]);
  await page.waitForTimeout(300);
  expect(await page.locator("[data-go-hydrated]").count()).toBe(0);
  await page.click(`${SELECTOR} .inc`);
  await expect.poll(() => count("counter-1")).toBe("1");
  expect(await page.locator("[data-go-hydrated]").count()).toBe(1);
});

test("an island waits for its media query", async () => {
  await page.setViewportSize({ width: 600, height: 600 });
  await open([counter("counter-1", 0, "media((min-width: 800px))")]);
  await page.waitForTimeout(300);
  expect(await page.locator("[data-go-hydrated]").count()).toBe(0);
  await page.setViewportSize({ width: 900, height: 600 });
  await hydrated("counter-1");
});

test("unknown keys of a snapshot are skipped", async () => {
  const later = (text: string): string =>
    text
      .replace('{"v":2,', '{"later":[{"a":1}],"v":2,')
      .replace('"islands":[{', '"islands":[{"later":{"x":[1,2]},')
      .replace('"ctx":{', '"ctx":{"later":"x",');
  await open([counter("counter-1", 5)], { change: later });
  await hydrated("counter-1");
  await page.click(`${SELECTOR} .inc`);
  await expect.poll(() => count("counter-1")).toBe("6");
  expect(said).toEqual([]);
});

test("an idle island is hydrated later, one with an unknown directive at once", async () => {
  await open([counter("counter-1", 0, "idle"), counter("counter-2", 0, "someday")]);
  await hydrated("counter-1", "counter-2");
});

test("an island with hydrate=only replaces its placeholder", async () => {
  await open([counter("counter-1", 4, "only")]);
  await page.waitForSelector(".counter[data-go-hydrated]");
  expect(await page.locator("go-island").count()).toBe(0);
  await page.click(".inc");
  await expect.poll(() => page.textContent(".counter span")).toBe("5");
});

test("no module is loaded for islands that wait", async () => {
  await open([counter("counter-1", 0, "interaction")], { late: true });
  await page.waitForTimeout(300);
  expect(held).toEqual([]);
});

test("in development differences are reported with both values", async () => {
  await open([counter("counter-1", 5)], {
    dev: true,
    change: (text) => text.replace(">5<", ">6<"),
  });
  await hydrated("counter-1");
  expect(said).toHaveLength(1);
  expect(said[0]).toContain("<go-counter> counter-1");
  expect(said[0]).toContain("counter-1.0: the text");
  expect(said[0]).toMatch(/in the page: "6"\s+expected:\s+"5"/);
});

test("in production a differing value is corrected silently", async () => {
  await open([counter("counter-1", 5)], { change: (text) => text.replace(">5<", ">6<") });
  await hydrated("counter-1");
  await expect.poll(() => count("counter-1")).toBe("5");
  expect(said).toEqual([]);
});

test("an island of another shape is rendered again, its neighbours untouched", async () => {
  await open([counter("counter-1", 1), counter("counter-2", 2)], {
    change: (text) => text.replace('data-go-id="counter-1.0"', ""),
  });
  await hydrated("counter-2");
  await page.waitForSelector(".counter[data-go-hydrated]:not([data-go-id])");
  await page.click(".counter >> nth=0 >> .inc");
  await expect.poll(() => page.textContent(".counter >> nth=0 >> span")).toBe("2");
  expect(await count("counter-2")).toBe("2");
});

test("typing, focus and clicks survive when an island is rendered again", async () => {
  await open([texts], { late: true, change: (text) => text.replace('data-go-id="texts-1.0"', "") });
  await page.focus(".type");
  await page.keyboard.type("bc");
  await page.keyboard.press("Home");
  await arrive();
  await page.waitForSelector("[data-go-hydrated]:not([data-go-id])");
  await expect.poll(() => page.textContent("h2")).toMatch(/^(abc|bca)$/);
  expect(
    await page.evaluate(() => [
      document.activeElement?.className,
      (document.activeElement as HTMLInputElement).selectionStart,
    ]),
  ).toEqual(["type", 0]);
});

test("a click on an element that is removed before hydration is dropped", async () => {
  await open([counter("counter-1"), counter("counter-2")], { late: true });
  await page.click(`${SELECTOR} .inc`);
  await page.click('[data-go-id="counter-2"] .inc');
  await page.evaluate((selector) => document.querySelector(selector)!.remove(), SELECTOR);
  await arrive();
  await hydrated("counter-2");
  await page.click('[data-go-id="counter-2"] .inc');
  await expect.poll(() => count("counter-2")).toBe("2");
  expect(await page.evaluate(() => window.goQueue.q.length)).toBe(0);
});

test("clicks wait in order while the rest of the runtime is loaded", async () => {
  const parts: (() => void)[] = [];
  await page.route(/\/rest-/, (route) => void parts.push(() => void route.continue()));
  await open([rows, counter("counter-1")]);
  await hydrated("rows-1", "counter-1");
  await page.evaluate((selector) => {
    for (const place of [".add", ".add", `${selector} .inc`, ".clear", ".add"])
      document.querySelector<HTMLElement>(place)!.click();
  }, SELECTOR);
  await expect.poll(() => parts.length).toBe(1);
  expect(await page.locator(".rows > li").count()).toBe(0);
  expect(await count("counter-1")).toBe("0");
  for (const part of parts) part();
  await expect.poll(() => count("counter-1")).toBe("1");
  await expect.poll(() => page.locator(".rows > li").count()).toBe(1);
  expect(said).toEqual([]);
});

/** The messages of `go:error` events. */
async function errors(): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const told: string[] = ((window as never as { told: string[] }).told = []);
    document.addEventListener("go:error", (event) =>
      told.push((event as CustomEvent<{ message: string }>).detail.message),
    );
  });
  return () => page.evaluate(() => (window as never as { told: string[] }).told);
}

test("the rest of the runtime is requested again when it does not load", async () => {
  const told = await errors();
  let asked = 0;
  await page.route(/\/rest-/, (route) => (asked++ ? route.continue() : route.abort()));
  await open([counter("counter-1"), rows]);
  await hydrated("counter-1", "rows-1");
  await page.click(`${SELECTOR} .inc`);
  await page.click(".add");
  await expect.poll(() => count("counter-1"), { timeout: 5000 }).toBe("1");
  await expect.poll(() => page.locator(".rows > li").count()).toBe(1);
  expect(asked).toBe(2);
  expect(await told()).toEqual([]);
});

test("the imports of a module of standard Go are requested again", async () => {
  let asked = 0;
  await page.route(/\/wasi-/, (route) => (asked++ ? route.continue() : route.abort()));
  await open([counter("counter-1")], { lane: "go" });
  await hydrated("counter-1");
  expect(asked).toBe(2);
});

test("a form submitted before the rest of the runtime failed is sent natively", async () => {
  const parts: (() => void)[] = [];
  await page.route(/\/rest-/, (route) => void parts.push(() => void route.abort()));
  await open(
    [
      { id: "buy-1", c: "buy", p: { variant: 7 } },
      { id: "badge-1", c: "badge", p: {} },
    ],
    { stores: { cart: { count: 2 } } },
  );
  await hydrated("buy-1", "badge-1");
  await expect.poll(() => parts.length).toBe(1);
  await page.click("form button");
  await page.waitForTimeout(100);
  expect(await page.locator("[aria-busy]").count()).toBe(0);
  expect(await page.textContent(".badge span")).toBe("2");
  parts.pop()!();
  await expect.poll(() => parts.length, { timeout: 5000 }).toBe(1);
  parts.pop()!();
  await page.waitForURL("**/cart/add");
  expect(site.asked.filter((request) => request.startsWith("POST"))).toEqual([
    "POST /cart/add variant_id=7&note=",
  ]);
});

test("without the rest of the runtime every later form is sent natively", async () => {
  const told = await errors();
  await page.route(/\/rest-/, (route) => route.abort());
  await open([{ id: "buy-1", c: "buy", p: { variant: 7 } }, counter("counter-1")]);
  await expect.poll(told, { timeout: 5000 }).toHaveLength(1);
  expect(await page.locator("[data-go-hydrated]").count()).toBe(0);
  await page.click(`${SELECTOR} .inc`);
  await page.click("form button");
  await page.waitForURL("**/cart/add");
  expect(site.asked.filter((request) => request.startsWith("POST"))).toEqual([
    "POST /cart/add variant_id=7&note=",
  ]);
});

test("without the rest of the runtime a late module changes nothing", async () => {
  const told = await errors();
  await page.route(/\/rest-/, (route) => route.abort());
  await open([{ id: "buy-1", c: "buy", p: { variant: 7 } }], { late: true });
  await expect.poll(told, { timeout: 5000 }).toHaveLength(1);
  await arrive();
  await page.waitForTimeout(500);
  await page.click("form button");
  await page.waitForURL("**/cart/add");
  expect(site.asked.filter((request) => request.startsWith("POST"))).toEqual([
    "POST /cart/add variant_id=7&note=",
  ]);
});

test("a link with a queued click is followed natively when the runtime fails", async () => {
  await open([counter("counter-1")], {
    late: true,
    change: (text) =>
      text.replace(
        "<span",
        '<a href="/variant" data-go-prevent="click" data-go-on="click:Inc"><b>red</b></a><span',
      ),
  });
  await page.click("main b");
  for (let i = 0; i < 2; i++) {
    await expect.poll(() => held.length).toBe(1);
    send(held.pop()!, "gone", "text/plain", 404);
  }
  await page.waitForURL("**/variant");
});

test("leaving the page does not cancel requests", async () => {
  await open([{ id: "buy-1", c: "buy", p: { variant: 7 } }]);
  await hydrated("buy-1");
  let cut = false;
  const asked = new Promise<ServerResponse>((resolve) =>
    site.routes.set("/cart/add", (_, response) => {
      response.on("close", () => (cut = !response.writableFinished));
      resolve(response);
    }),
  );
  await page.click("form button");
  const response = await asked;
  await page.goto(site.url + "/elsewhere");
  await page.waitForTimeout(300);
  expect(cut).toBe(false);
  send(response, "{}", "application/json");
  site.routes.delete("/cart/add");
});

test("the page's content in a slot stays the same nodes", async () => {
  await open([{ id: "panel-1", c: "panel", p: { title: "T" } }], {
    change: (text) => text.replace(/data-go-id="panel-1\.0"/, ""),
  });
  await page.evaluate(
    () => ((window as never as { b: Element | null }).b = document.querySelector("go-slot b")),
  );
  await page.waitForSelector("[data-go-hydrated]:not([data-go-id])");
  expect(await page.textContent("go-slot b")).toBe("content of the page");
});

test("nodes that extensions insert do not break islands", async () => {
  const extension = (): void => {
    for (const element of document.querySelectorAll("main, main *")) {
      if (/^(SPAN|H2|INPUT|TEXTAREA)$/.test(element.tagName)) continue;
      element.prepend(document.createComment("go?"), document.createElement("x-extension"));
      element.append(document.createElement("x-extension"), "stray");
    }
  };
  await open([counter("counter-1"), texts, rows], { late: true });
  await page.evaluate(extension);
  await arrive();
  await hydrated("counter-1", "texts-1", "rows-1");
  await page.evaluate(extension);
  await page.click(`${SELECTOR} .inc`);
  await expect.poll(() => count("counter-1")).toBe("1");
  await page.fill(".type", "new");
  await expect.poll(() => page.textContent("h2")).toBe("new");
  await page.click(".add");
  await page.click(".put");
  await expect.poll(() => page.locator(".rows > li").count()).toBeGreaterThan(1);
  const before = await page.locator(".rows > li .name").allTextContents();
  await page.click(".reverse");
  await expect
    .poll(() => page.locator(".rows > li .name").allTextContents())
    .toEqual(before.reverse());
  await page.click(".clear");
  await expect.poll(() => page.locator(".rows > li").count()).toBe(0);
  expect(said).toEqual([]);
});

test("a trap leaves the state from before, and the next click works", async () => {
  const told: string[] = [];
  await page.exposeFunction("told", (text: string) => told.push(text));
  await open([counter("counter-1"), counter("counter-2", 7)]);
  await hydrated("counter-1", "counter-2");
  await page.evaluate(() =>
    document.addEventListener("go:error", (event) =>
      (window as never as { told(text: string): void }).told(
        (event as CustomEvent<{ message: string }>).detail.message,
      ),
    ),
  );
  await page.click(`${SELECTOR} .inc`);
  await expect.poll(() => count("counter-1")).toBe("1");
  await page.evaluate(() => {
    // The click after the one that traps comes before the new instance is there.
    document.querySelector<HTMLElement>(".fail")!.click();
    document.querySelector<HTMLElement>(".inc")!.click();
  });
  await expect.poll(() => count("counter-1")).toBe("2");
  await page.click('[data-go-id="counter-2"] .inc');
  await expect.poll(() => count("counter-2")).toBe("8");
  expect(told).toHaveLength(1);
  expect(said).toEqual([]);
});

test("after three traps within a minute the page works with forms", async () => {
  await open([counter("counter-1"), { id: "buy-1", c: "buy", p: { variant: 7 } }]);
  await hydrated("counter-1", "buy-1");
  for (let i = 0; i < 3; i++) await page.click(`${SELECTOR} .fail`);
  await expect.poll(() => page.locator("[data-go-hydrated]").count()).toBe(0);
  await page.click(`${SELECTOR} .inc`);
  expect(await count("counter-1")).toBe("0");
  await page.click("form button");
  await page.waitForURL("**/cart/add");
});

test("a fragment of another build stays as it is, with working forms", async () => {
  const file = inject("modules").tinygo;
  const [old] = render(file, [{ id: "buy-1", c: "buy", p: { variant: 7 } }], ctx);
  await open([counter("counter-1")], {
    body: "<!--island-->" + old!.html,
    end: snapshotScript({
      v: 2,
      build: "another",
      islands: [{ id: "buy-1", c: "buy", h: "load", d: old!.d, p: {} }],
    }),
  });
  await hydrated("counter-1");
  await page.click("form button");
  await page.waitForURL("**/cart/add");
  expect(site.asked).toEqual(["POST /cart/add variant_id=7&note="]);
});

test("stores of a fragment before the page's own snapshot are used", async () => {
  const file = inject("modules").tinygo;
  const stores = { cart: { count: 3 } };
  const [badge] = render(file, [{ id: "badge-1", c: "badge", p: {} }], ctx, stores);
  const { id, c, d } = badge!;
  const islands = [{ id, c, h: "load", d, p: {} }];
  const fragment = snapshotScript({ v: 2, build: BUILD, stores, islands });
  await open([counter("counter-1")], { body: badge!.html + fragment + "<!--island-->" });
  await hydrated("counter-1", "badge-1");
  expect(await page.textContent(".badge span")).toBe("3");
  expect(await page.locator(".badge[data-go-id]").count()).toBe(1);
});

test("goCall returns whether a handler ran", async () => {
  await open([counter("counter-1", 0, "interaction")]);
  await page.waitForFunction(() => "goCall" in window);
  expect(await page.evaluate(() => window.goCall("counter-1", "Set", 9))).toBe(true);
  expect(await count("counter-1")).toBe("9");
  expect(await page.evaluate(() => window.goCall("counter-1", "Missing"))).toBe(false);
  expect(await page.evaluate(() => window.goCall("missing-1", "Set"))).toBe(false);
});

test("a click that opens a tab is left to the browser", async () => {
  await open([counter("counter-1")], {
    body:
      '<!--island--><a href="/elsewhere" data-go-prevent="click" data-go-on="click:Go">' +
      "link</a>",
  });
  await hydrated("counter-1");
  const prevented = (ctrlKey: boolean): Promise<boolean> =>
    page.evaluate((ctrlKey) => {
      const event = new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey });
      let prevented = false;
      addEventListener(
        "click",
        () => {
          prevented = event.defaultPrevented;
          event.preventDefault();
        },
        { once: true },
      );
      document.querySelector("main > a")!.dispatchEvent(event);
      return prevented;
    }, ctrlKey);
  expect(await prevented(false)).toBe(true);
  expect(await prevented(true)).toBe(false);
});

test("a streamed page is hydrated before it is complete", async () => {
  const file = inject("modules").tinygo;
  const capture = readFileSync(inject("assets") + "/capture.js", "utf8");
  site.file("/_protium/module.wasm", file, "application/wasm");
  const text = html(render(file, [counter("counter-1")], ctx), { lane: "tinygo", ctx, capture });
  let finish = (): void => undefined;
  const cut = text.indexOf("data-go-snapshot") + 60;
  site.routes.set("/", (_, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    // The snapshot itself arrives in two pieces.
    response.write(text.slice(0, cut));
    setTimeout(
      () => response.write(text.slice(cut).replace("</body></html>", "<p>more is to come</p>")),
      200,
    );
    finish = () => response.end("</body></html>");
  });
  await page.goto(site.url, { waitUntil: "commit" });
  await page.waitForSelector(`${SELECTOR}[data-go-hydrated]`);
  await page.click(`${SELECTOR} .inc`);
  await expect.poll(() => count("counter-1")).toBe("1");
  expect(await page.evaluate(() => document.readyState)).toBe("loading");
  finish();
});

test("a page from the back/forward cache works", async () => {
  await open([counter("counter-1")]);
  await hydrated("counter-1");
  await page.click(`${SELECTOR} .inc`);
  await page.goto(site.url + "/elsewhere");
  await page.goBack();
  await page.click(`${SELECTOR} .inc`);
  await expect.poll(() => count("counter-1")).toMatch(/^[12]$/);
});

const controls: Placed = {
  id: "controls-1",
  c: "controls",
  p: { size: "M", colour: "red", text: "" },
};
const said1 = (): Promise<string | null> => page.textContent("output.said");

test("a radio button chosen before hydration stays chosen", async () => {
  await open([controls], { late: true });
  await page.check(".green");
  await arrive();
  await hydrated("controls-1");
  await expect.poll(said1).toBe("1 M green 0");
  await page.waitForTimeout(200);
  expect(await page.isChecked(".green")).toBe(true);
  expect(await said1()).toBe("1 M green 0");
});

test("a radio button that the browser restored is delivered to Go", async () => {
  await open([controls], { late: true });
  await page.evaluate(() => (document.querySelector<HTMLInputElement>(".green")!.checked = true));
  await arrive();
  await expect.poll(said1).toBe("1 M green 0");
  expect(await page.isChecked(".green")).toBe(true);
});

test("a select shows its option before any script", async () => {
  await open([controls], { late: true });
  expect(await page.inputValue(".size")).toBe("M");
  expect(await page.getAttribute(".size", "value")).toBeNull();
});

test("restored values are delivered before clicks, however late the runtime is", async () => {
  const parts: (() => void)[] = [];
  await page.route(/\/rest-/, (route) => void parts.push(() => void route.continue()));
  await open([{ id: "texts-1", c: "texts", p: { a: "a", b: "b", note: "n" } }], { late: true });
  await page.evaluate(
    () => (document.querySelector<HTMLInputElement>(".type")!.value = "restored"),
  );
  await page.click("section button");
  await arrive();
  await hydrated("texts-1");
  await page.click("section button");
  await page.click("section button");
  await page.waitForTimeout(100);
  for (const part of parts) part();
  // Three swaps of "restored" and "b".
  await expect.poll(() => page.textContent("h2")).toBe("b");
  expect(await page.inputValue(".type")).toBe("b");
});

test("a control typed into before hydration shows its component's value once left", async () => {
  await open([controls], { late: true });
  await page.fill(".quantity", "0");
  await page.focus(".free");
  await arrive();
  await hydrated("controls-1");
  await expect.poll(() => page.inputValue(".quantity")).toBe("1");
  await page.focus(".quantity");
  await page.keyboard.press("End");
  await page.keyboard.type("9");
  expect(await page.inputValue(".quantity")).toBe("19");
  await page.keyboard.press("Tab");
  await expect.poll(() => page.inputValue(".quantity")).toBe("1");
  await page.fill(".quantity", "3");
  await page.focus(".free");
  await page.keyboard.type("mine");
  await page.keyboard.press("Tab");
  expect([await page.inputValue(".quantity"), await page.inputValue(".free")]).toEqual([
    "3",
    "mine",
  ]);
});

test("composition keys are not delivered, before hydration and after", async () => {
  await open([counter("counter-1")], {
    late: true,
    change: (text) =>
      text.replace(
        "<span",
        '<input class="ime" data-go-prevent="keydown:ArrowDown" data-go-on="keydown:Inc"><span',
      ),
  });
  const prevented = (init: { isComposing?: boolean; keyCode?: number }): Promise<boolean> =>
    page.evaluate<boolean, object>((init) => {
      const event = new KeyboardEvent("keydown", {
        key: "ArrowDown",
        bubbles: true,
        cancelable: true,
        ...init,
      });
      document.querySelector(".ime")!.dispatchEvent(event);
      return event.defaultPrevented;
    }, init);
  for (const when of ["before", "after"]) {
    expect(await prevented({}), when).toBe(true);
    expect(await prevented({ isComposing: true }), when).toBe(false);
    expect(await prevented({ keyCode: 229 }), when).toBe(false);
    if (when == "before") {
      expect(await page.evaluate(() => window.goQueue.q.length)).toBe(1);
      await arrive();
      await hydrated("counter-1");
      await expect.poll(() => count("counter-1")).toBe("1");
    }
  }
  expect(await count("counter-1")).toBe("2");
});

/**
 * Replaces texts by elements, as a page translator does: several neighbours by one if `together`.
 */
const translate = (selector: string, together = false): Promise<void> =>
  page.evaluate(
    ([selector, together]) => {
      const walk = document.createTreeWalker(
        document.querySelector(selector as string)!,
        NodeFilter.SHOW_TEXT,
      );
      const texts: Text[] = [];
      while (walk.nextNode())
        if (walk.currentNode.textContent!.trim()) texts.push(walk.currentNode as Text);
      const done = new Map<Node, Element>();
      for (const text of texts) {
        const before = together && done.get(text.parentNode!);
        if (before) {
          before.textContent += `[${text.data}]`;
          text.remove();
          continue;
        }
        const font = document.createElement("font");
        font.append(document.createElement("font"));
        font.firstElementChild!.textContent = `[${text.data}]`;
        done.set(text.parentNode!, font);
        text.replaceWith(font);
      }
    },
    [selector, together] as const,
  );

for (const together of [false, true]) {
  const unit = together ? "sentences" : "words";
  test(`translated texts are put back when they change, ${unit}`, async () => {
    await open([
      texts,
      counter("counter-1"),
      { id: "controls-1", c: "controls", p: { size: "M", colour: "red" } },
    ]);
    await hydrated("texts-1", "counter-1", "controls-1");
    await translate("main", together);
    await page.click(`${SELECTOR} .inc`);
    await expect.poll(() => count("counter-1")).toBe("1");
    await page.click("section button");
    await expect.poll(() => page.textContent("h2")).toBe("b");
    const paragraphs = async (): Promise<string> =>
      (await page.locator("section p").allTextContents()).join("|");
    await expect
      .poll(paragraphs)
      .toMatch(/^before <& b between a\|ba\|b\|\[?static\]?ab\W*end\W*$/);
    await page.fill(".quantity", "4");
    await expect.poll(said1).toBe("4 M red 0");
    // And once more, as the page's own texts.
    await page.click("section button");
    await expect
      .poll(() => page.locator("section p").first().textContent())
      .toBe("before <& a between b");
  });
}

test("texts translated before hydration are put back once", async () => {
  await open([texts, counter("counter-1", 3)], { late: true });
  await translate("section");
  await translate(SELECTOR);
  await arrive();
  await hydrated("texts-1", "counter-1");
  await expect.poll(() => count("counter-1")).toBe("3");
  await page.click("section button");
  await expect.poll(() => page.textContent("h2")).toBe("b");
  await expect
    .poll(() => page.locator("section p").first().textContent())
    .toBe("before <& b between a");
});

test("a translated row that was made in the browser is restored by the next write", async () => {
  await open([rows]);
  await hydrated("rows-1");
  await page.click(".add");
  await page.click(".add");
  await expect.poll(() => page.locator(".rows > li").count()).toBe(2);
  await translate("main", true);
  await page.click(".put");
  await expect.poll(() => page.locator(".rows > li").count()).toBe(3);
  await expect.poll(() => page.locator("main p").textContent()).toMatch(/^names: .* and .*3$/);
});

test("a timer restarts when it is set again", async () => {
  await open([controls]);
  await hydrated("controls-1");
  for (const text of ["2", "3", "4", "5"]) {
    await page.fill(".quantity", text);
    await page.waitForTimeout(100);
  }
  await expect.poll(said1, { timeout: 4000 }).toBe("5 M red 1");
  await page.waitForTimeout(1700);
  expect(await said1()).toBe("5 M red 1");
});

test("debounced handlers run when the page is left", async () => {
  await open([controls]);
  await hydrated("controls-1");
  for (const type of ["beforeunload", "pagehide"]) {
    await page.fill(".quantity", type == "pagehide" ? "4" : "3");
    await page.evaluate((type) => dispatchEvent(new Event(type)), type);
  }
  expect(await said1()).toBe("4 M red 2");
  await page.fill(".quantity", "5");
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "hidden" });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  expect(await said1()).toBe("5 M red 3");
  // Nothing is done twice.
  await page.waitForTimeout(1700);
  expect(await said1()).toBe("5 M red 3");
});
