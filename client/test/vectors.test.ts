/** The pages of tests/vectors/events.json, hydrated and used in a browser, in both lanes. */
import { readFileSync } from "node:fs";
import { describe, expect, inject, test } from "vitest";
import type { Page } from "playwright-core";
import type { ServerResponse } from "node:http";
import { browser, openForThisFile, send, site } from "./browser.ts";
import { page as html, render, type Placed } from "./server.ts";
import type { Value } from "../src/values.ts";

interface Step {
  do: string;
  target?: string;
  key?: string;
  value?: string;
  checked?: boolean;
  id?: string;
  handler?: string;
  args?: Value[];
  status?: number;
  data?: unknown;
  /** Further event fields, as in the protocol. */
  with?: {
    key?: string;
    mods?: number;
    composing?: boolean;
    pointer?: { x: number; y: number; button: number; type: string };
  };
  html: string;
  effects?: string[][];
  traps?: boolean;
}
interface Case {
  name: string;
  islands: Placed[];
  stores?: Value;
  html: string;
  steps: Step[];
}

const { ctx, cases } = JSON.parse(
  readFileSync(new URL("../../tests/vectors/events.json", import.meta.url), "utf8"),
) as { ctx: Value; cases: Case[] };

openForThisFile();

/** The canonical form that the vectors' README describes. */
function canonical(root: Element): string {
  const escape = (text: string): string =>
    text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const write = (node: Node): string => {
    if (node instanceof Text) return escape(node.data);
    if (!(node instanceof Element)) return "";
    const attributes = new Map(Array.from(node.attributes, ({ name, value }) => [name, value]));
    for (const name of [...attributes.keys()])
      if (name.startsWith("data-go-")) attributes.delete(name);
    let content: string | undefined;
    if (node instanceof HTMLInputElement || node instanceof HTMLOptionElement) {
      const [name, on] =
        node instanceof HTMLInputElement ? ["checked", node.checked] : ["selected", node.selected];
      attributes.delete(name as string);
      if (on) attributes.set(name as string, "");
    }
    if (node instanceof HTMLInputElement && !/^(checkbox|radio)$/.test(node.type))
      attributes.set("value", node.value);
    if (node instanceof HTMLTextAreaElement) {
      attributes.set("value", node.value);
      content = "";
    }
    if (node instanceof HTMLSelectElement) attributes.delete("value");
    const names = [...attributes.keys()].sort();
    const written = names.map((name) => {
      const value = escape(attributes.get(name)!).replace(/"/g, "&quot;");
      return ` ${name}="${value}"`;
    });
    const start = `<${node.localName}${written.join("")}>`;
    if (/^(input|img|br|hr|meta|link|source|area|col|embed|wbr)$/.test(node.localName))
      return start;
    return `${start}${content ?? [...node.childNodes].map(write).join("")}</${node.localName}>`;
  };
  return [...root.childNodes].map(write).join("");
}

/** Something that a browser does by itself, at a given step. */
interface Outside {
  observers: { callback: IntersectionObserverCallback; connected: boolean }[];
  frames: FrameRequestCallback[];
  asked: unknown;
  answer(ok: boolean, data: unknown): void;
}

function outside(): void {
  const controls = window as never as Outside;
  controls.observers = [];
  controls.frames = [];
  window.IntersectionObserver = class {
    private readonly own: Outside["observers"][number];
    constructor(callback: IntersectionObserverCallback) {
      controls.observers.push((this.own = { callback, connected: false }));
    }
    observe(): void {
      this.own.connected = true;
    }
    disconnect(): void {
      this.own.connected = false;
    }
  } as never;
  window.requestAnimationFrame = (callback) => controls.frames.push(callback);
  window.goFunctions = {
    echo: (asked) =>
      new Promise((resolve, reject) => {
        controls.asked = asked;
        controls.answer = (ok, data) => (ok ? resolve(data) : reject(new Error("told to fail")));
      }),
  };
}

/** Carries out such a step. False if there is nothing to do yet. */
function happen({ do: type, checked, data }: Pick<Step, "do" | "checked" | "data">): boolean {
  const { observers, frames, asked, answer } = window as never as Outside;
  if (type == "observed") {
    const observer = observers.findLast(({ connected }) => connected);
    observer?.callback([{ isIntersecting: checked } as never], undefined as never);
    return !!observer;
  }
  if (type == "painted") return frames.splice(0).map((frame) => frame(0)).length > 0;
  if (!asked) return false;
  (window as never as Partial<Outside>).asked = undefined;
  answer(!!checked, data);
  return true;
}

/** Carries out a visitor's action on an element. */
function act(element: Element, { do: type, key, value, checked, with: more = {} }: Step): void {
  const control = element as HTMLInputElement;
  if (type == "input") control.value = value ?? "";
  if (type == "change" && value != undefined) control.value = value;
  else if (type == "change") control.checked = checked ?? false;
  const { mods = 0, composing = false } = more;
  const init = {
    bubbles: true,
    cancelable: true,
    altKey: !!(mods & 1),
    ctrlKey: !!(mods & 2),
    metaKey: !!(mods & 4),
    shiftKey: !!(mods & 8),
  };
  if (/^(click|pointer)/.test(type)) {
    const { x, y, button, type: pointerType } = more.pointer ?? { x: 0, y: 0, button: 0, type: "" };
    const at = { clientX: x, clientY: y, button, pointerType };
    element.dispatchEvent(new PointerEvent(type, { ...init, ...at }));
  } else if (type == "keydown") {
    element.dispatchEvent(new KeyboardEvent(type, { ...init, key: key ?? more.key ?? "" }));
  } else if (type == "toggle") {
    (element as HTMLDetailsElement).open = !!checked;
  } else if (type == "submit") {
    (element as HTMLFormElement).requestSubmit();
  } else if (type == "input") {
    element.dispatchEvent(new InputEvent(type, { ...init, isComposing: composing }));
  } else {
    element.dispatchEvent(new Event(type, init));
  }
}

async function open(lane: "tinygo" | "go", { islands, stores = {} }: Case): Promise<Page> {
  const file = inject("modules")[lane];
  const capture = readFileSync(inject("assets") + "/capture.js", "utf8");
  const rendered = render(file, islands, ctx, stores).map((island) => ({
    ...island,
    html: island.html.replace("<b>content of the page</b>", ""),
  }));
  site.routes.delete("*");
  site.file("/_protium/module.wasm", file, "application/wasm");
  site.html("/", html(rendered, { lane, ctx, stores, capture }));
  const page = await browser.newPage();
  await page.addInitScript(`window.canonical = ${canonical.toString()}`);
  await page.addInitScript(outside);
  await page.goto(site.url);
  await page.waitForFunction(
    (count) => document.querySelectorAll("[data-go-hydrated]").length == count,
    islands.length,
    // Not by animation frames, which is the default: they are held back here.
    { polling: 20 },
  );
  return page;
}

const show = (page: Page): Promise<string> =>
  page.evaluate(() =>
    (window as never as { canonical: typeof canonical }).canonical(document.querySelector("main")!),
  );

for (const lane of ["tinygo", "go"] as const) {
  describe(lane, () => {
    for (const one of cases) {
      test(one.name, async () => {
        const page = await open(lane, one);
        const errors: string[] = [];
        page.on("pageerror", (error) => errors.push(String(error)));
        await expect.poll(() => show(page), { timeout: 3000, interval: 20 }).toBe(one.html);
        let asked: ServerResponse | undefined;
        let navigated: string | undefined;
        site.asked.length = 0;
        site.routes.set("*", (_, response) => (asked = response));
        await page.route(
          (url) => url.href != site.url + "/",
          (route) => {
            if (!route.request().isNavigationRequest()) return route.continue();
            navigated = new URL(route.request().url()).pathname;
            return route.fulfill({ status: 204 });
          },
        );

        for (const step of one.steps) {
          const target = step.target
            ? page.locator("main").locator(step.target).first()
            : page.locator("main");
          if (step.do == "answer") {
            if (step.status)
              send(asked!, JSON.stringify(step.data), "application/json", step.status);
            else {
              // Chromium repeats a request when a reused connection is cut.
              site.routes.set("*", (_, response) => response.destroy());
              asked!.destroy();
            }
          } else if (step.do == "resume") {
            await page.waitForTimeout(510);
            await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
          } else if (step.do == "call") {
            const ran = await page.evaluate<boolean, unknown[]>(
              ([id, handler, ...args]) =>
                window.goCall(id as string, handler as string, ...(args as never[])),
              [step.id, step.handler, ...(step.args ?? [])],
            );
            expect(ran).toBe(!step.traps);
          } else if (/^(observed|painted|returned)$/.test(step.do)) {
            const { do: type, checked, data } = step;
            await expect
              .poll(() => page.evaluate(happen, { do: type, checked: checked!, data }))
              .toBe(true);
          } else if (step.do == "leave") {
            await page.evaluate(() => {
              dispatchEvent(new PageTransitionEvent("pageshow", { persisted: false }));
              dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
            });
          } else if (!/^(elapse|message|tell)$/.test(step.do)) {
            await target.evaluate(act as (element: Element, step: never) => void, step as never);
          }
          await expect.poll(() => show(page), { timeout: 3000, interval: 20 }).toBe(step.html);
          for (const [kind, ...texts] of step.effects ?? []) {
            if (kind == "fetch")
              await expect
                .poll(() => site.asked.at(-1))
                .toBe(`${texts[0]} ${texts[1]} ${texts[2]}`.trim());
            if (kind == "announce")
              await expect
                .poll(() => page.locator("body > [aria-live=polite]").textContent())
                .toBe(texts[0]);
            if (kind == "focus")
              await expect
                .poll(() =>
                  page.evaluate(() => document.activeElement?.getAttribute("data-go-ref")),
                )
                .toBe(texts[0]);
            if (kind == "call")
              await expect
                .poll(() => page.evaluate(() => (window as never as Outside).asked))
                .toEqual(JSON.parse(texts[1]!));
            if (kind == "navigate" && texts[1] == "replace")
              await expect.poll(() => page.url()).toBe(site.url + texts[0]);
            if (kind == "navigate" && texts[1] == "go" && texts[0]!.startsWith("/"))
              await expect.poll(() => navigated).toBe(texts[0]);
          }
        }
        expect(errors).toEqual([]);
        await page.close();
      });
    }
  });
}
