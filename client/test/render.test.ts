/**
 * The islands of tests/vectors/render.json, hydrated in a browser from the bytes that stand there,
 * in both lanes.
 */
import { readFileSync } from "node:fs";
import { expect, inject, test } from "vitest";
import { browser, openForThisFile, site } from "./browser.ts";
import { page as html } from "./server.ts";
import type { Value } from "../src/values.ts";

interface Case {
  name: string;
  component: string;
  id: string;
  props: { [key: string]: Value };
  ctx?: string;
  stores?: Value;
  hydrate?: string;
  html: string;
  digest: string;
  acts: boolean;
}

const { contexts, cases } = JSON.parse(
  readFileSync(new URL("../../tests/vectors/render.json", import.meta.url), "utf8"),
) as {
  contexts: { [name: string]: Value };
  cases: Case[];
};
const living = cases.filter(({ acts, hydrate }) => acts && !hydrate);

openForThisFile();

/** Writes to the page since it was parsed, other than `data-go-hydrated`. */
function watch(): void {
  const written: string[] = [];
  Object.assign(window, { written });
  const note = (records: MutationRecord[], parsing: boolean): void => {
    for (const { type, attributeName, target } of records)
      if (
        attributeName != "data-go-hydrated" &&
        (!parsing || type == "attributes") &&
        document.querySelector("main")?.contains(target)
      )
        written.push(`${type} ${attributeName ?? ""} ${target.nodeName}`);
  };
  const observer = new MutationObserver((records) =>
    note(records, document.readyState == "loading"),
  );
  observer.observe(document, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
  });
  document.addEventListener(
    "readystatechange",
    () => document.readyState == "interactive" && note(observer.takeRecords(), true),
  );
}

test.each(["tinygo", "go"] as const)(
  "what the vectors say is hydrated without a write: %s",
  { timeout: 120_000 },
  async (lane) => {
    expect(living.length).toBeGreaterThan(100);
    const capture = readFileSync(inject("assets") + "/capture.js", "utf8");
    site.file("/_protium/module.wasm", inject("modules")[lane], "application/wasm");
    const page = await browser.newPage();
    await page.addInitScript(watch);
    for (const {
      name,
      component: c,
      id,
      props: p,
      ctx: context = "en-IE",
      stores = {},
      html: island,
      digest: d,
    } of living) {
      site.html(
        "/",
        html([{ id, c, p, d, html: island }], { lane, ctx: contexts[context]!, stores, capture }),
      );
      await page.goto(site.url);
      await page.waitForFunction(
        () => document.querySelector("main [data-go-hydrated]"),
        undefined,
        { timeout: 10_000 },
      );
      expect(
        await page.evaluate(() => (window as never as { written: string[] }).written),
        name,
      ).toEqual([]);
    }
    await page.close();
  },
);
