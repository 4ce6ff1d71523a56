/** What all browser tests share: a page without errors, hydration, DOM writes, filling the cart. */
import { test as base, expect, type Locator, type Page } from "@playwright/test";

export { expect };
export type { Page };

/** A violation of the content security policy, as the page saw it. */
type Violation = { directive: string; blocked: string };

/** Errors of a page that no assertion of its test covers. */
export class Complaints {
  readonly #found: string[] = [];
  readonly #allowed: RegExp[] = [];

  /** Allows errors that the test provokes. All others still fail it. */
  allow(pattern: RegExp): void {
    this.#allowed.push(pattern);
  }

  /** The errors that were not allowed. */
  get unexpected(): string[] {
    return this.#found.filter((text) => !this.#allowed.some((pattern) => pattern.test(text)));
  }

  /**
   * Listens to a page: console errors, exceptions nobody caught, and content security policy
   * violations.
   */
  async listen(page: Page): Promise<void> {
    page.on("pageerror", (error) => this.#found.push(`exception: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") {
        this.#found.push(`console: ${message.text()} (${message.location().url})`);
      }
    });
    await page.exposeFunction("protiumTestViolation", ({ directive, blocked }: Violation) => {
      this.#found.push(`content security policy: ${directive} blocked ${blocked}`);
    });
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        const report = Reflect.get(window, "protiumTestViolation") as (
          violation: Violation,
        ) => void;
        report({ directive: event.effectiveDirective, blocked: event.blockedURI });
      });
    });
  }
}

export const test = base.extend<{
  /** The toolchain of the components that the store serves. */
  lane: "tinygo" | "go";
  complaints: Complaints;
}>({
  lane: async ({}, use) => {
    await use(process.env["PROTIUM_LANE"] === "go" ? "go" : "tinygo");
  },
  complaints: async ({}, use) => {
    const complaints = new Complaints();
    await use(complaints);
    expect(complaints.unexpected, "the page complained").toEqual([]);
  },
  context: async ({ context }, use) => {
    await context.addInitScript(() => {
      const ids: string[] = [];
      Reflect.set(window, "protiumTestHydrated", ids);
      document.addEventListener("go:hydrated", (event) =>
        ids.push((event as CustomEvent<{ id: string }>).detail.id),
      );
    });
    await use(context);
  },
  page: async ({ page, complaints }, use) => {
    await complaints.listen(page);
    await use(page);
  },
});

/**
 * Waits until the island with this id (`counter-1`), or every island of the page, is hydrated: its
 * `go:hydrated` event was dispatched, and its root has the attribute. (An island that was rendered
 * again in the browser has no id to find its root by.)
 */
export async function hydrated(page: Page, id?: string): Promise<void> {
  await page.waitForFunction((only) => {
    // Other islands are hydrated only after the visitor has done something.
    const eager = new Set(["load", "idle"]);
    const snapshots = [...document.querySelectorAll("script[data-go-snapshot]")];
    const islands = snapshots.flatMap(
      (script) =>
        (JSON.parse(script.textContent ?? "") as { islands: { id: string; h: string }[] }).islands,
    );
    const wanted =
      only === undefined ? islands.filter(({ h }) => eager.has(h)).map(({ id }) => id) : [only];
    const told = Reflect.get(window, "protiumTestHydrated") as string[];
    return wanted.every((id) => {
      const root = document.querySelector(`[data-go-id=${JSON.stringify(id)}]`);
      return told.includes(id) && (root === null || root.hasAttribute("data-go-hydrated"));
    });
  }, id);
}

/** Does what adds to the cart, and waits for the server's answer: the badge shows it before. */
export async function added(page: Page, act: () => Promise<void>): Promise<void> {
  const answer = page.waitForResponse((response) => response.url().endsWith("/cart/add"));
  await act();
  expect((await answer).status()).toBe(200);
}

/** Adds the product of a page: one, or what its quantity field says once `prepare` has run. */
export async function addProduct(
  page: Page,
  path: string,
  prepare?: () => Promise<void>,
): Promise<void> {
  await page.goto(path);
  await hydrated(page);
  await prepare?.();
  await added(page, () => page.locator(".product-form .add-button").click());
}

/** Adds a product from the list of all: the first one with a form on its card. */
export async function addFromCard(page: Page): Promise<void> {
  await page.goto("/collections/all");
  const form = page.locator("form.card-add").first();
  await form.scrollIntoViewIfNeeded();
  await added(page, () => form.locator("button").click());
}

/** Opens the cart's page of a visitor who has added one item, hydrated. */
export async function filledCart(page: Page): Promise<void> {
  await addFromCard(page);
  await page.goto("/cart");
  await hydrated(page);
}

const firstLink = async (
  page: Page,
  cards: { has?: Locator; hasNot?: Locator },
): Promise<string> => {
  await page.goto("/collections/all");
  const link = page.locator(".card", cards).first().locator("a.card-link");
  return (await link.getAttribute("href")) ?? "";
};

/** The path of a product of one variant that is in stock. */
export const buyableProduct = (page: Page): Promise<string> =>
  firstLink(page, { has: page.locator("form.card-add") });

/** The path of a product with options, one of whose variants is in stock. */
export const productWithOptions = (page: Page): Promise<string> =>
  firstLink(page, { hasNot: page.locator("form.card-add, .badge-soldout") });

/** Holds back the components' module: it arrives `ms` later, or with `Infinity` never. */
export async function delayWasm(page: Page, ms: number): Promise<void> {
  await page.route("**/*.wasm", async (route) => {
    if (ms === Infinity) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, ms));
    // The page may be gone by then.
    await route.continue().catch(() => undefined);
  });
}

/** The writes to a part of a page, one line each. */
export type Mutations = () => Promise<string[]>;

/**
 * Records every write to the elements that match `selector`, from before the first of them is
 * parsed. Call it before `page.goto`; the function it returns gives what was written since the page
 * was parsed. Attributes in `ignore` (by default the mark of hydration itself) are not recorded.
 */
export async function recordMutations(
  page: Page,
  selector: string,
  ignore: string[] = ["data-go-hydrated"],
): Promise<Mutations> {
  await page.addInitScript(
    ([selector, ignore]) => {
      const written: string[] = [];
      Reflect.set(window, "protiumTestMutations", written);
      const name = (node: Node): string =>
        node instanceof Element
          ? `<${node.localName} ${node.getAttribute("data-go-id") ?? ""}>`
          : node.nodeName;
      const counts = ({ target, attributeName }: MutationRecord): boolean => {
        const element = target instanceof Element ? target : target.parentElement;
        return (
          element?.closest(selector) != null &&
          !(attributeName !== null && ignore.includes(attributeName))
        );
      };
      const describe = ({
        type,
        target,
        attributeName,
        addedNodes,
        removedNodes,
      }: MutationRecord): string => {
        const what =
          type === "attributes" ? attributeName : `+${addedNodes.length} -${removedNodes.length}`;
        return `${type} ${name(target)} ${what}`;
      };
      // While the page is parsed, the parser writes too: of nodes, but never of attributes.
      const record = (records: MutationRecord[], parsing: boolean): void => {
        const candidates = records.filter(({ type }) => !parsing || type === "attributes");
        written.push(...candidates.filter(counts).map(describe));
      };
      const observer = new MutationObserver((records) =>
        record(records, document.readyState === "loading"),
      );
      document.addEventListener("readystatechange", () => {
        if (document.readyState === "interactive") {
          record(observer.takeRecords(), true);
        }
      });
      observer.observe(document, {
        subtree: true,
        childList: true,
        characterData: true,
        attributes: true,
      });
    },
    [selector, ignore] as const,
  );
  return () => page.evaluate(() => Reflect.get(window, "protiumTestMutations") as string[]);
}
