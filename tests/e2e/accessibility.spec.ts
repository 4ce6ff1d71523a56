/** Each of the theme's templates, checked by axe in the browser and by html-validate as sent. */
import { AxeBuilder } from "@axe-core/playwright";
import { HtmlValidate, StaticConfigLoader } from "html-validate";
import { addProduct, expect, hydrated, test, type Page } from "./fixtures.ts";

const validator = new HtmlValidate(
  new StaticConfigLoader({
    root: true,
    extends: ["html-validate:recommended"],
    rules: {
      // The protocol's own element for content of the page inside of a component has one.
      "no-inline-style": ["error", { allowedProperties: ["display"] }],
      // A field with suggestions is a combobox with a listbox; there is no element for that.
      "prefer-native-element": ["error", { exclude: ["listbox"] }],
      // Check boxes of one name are one choice of several values.
      "form-dup-name": ["error", { shared: ["radio", "checkbox", "button", "reset", "submit"] }],
      // Matters of style and size.
      "doctype-style": ["error", { style: "lowercase" }],
      "attribute-boolean-style": "off",
      "attribute-empty-style": "off",
      "no-trailing-whitespace": "off",
      "long-title": "off",
    },
  }),
);

/** One page of each template. `before` is what a visitor does to get it. */
const templates: {
  name: string;
  path: string;
  status?: number;
  before?: (page: Page) => Promise<void>;
}[] = [
  { name: "home", path: "/" },
  { name: "a collection", path: "/collections/all" },
  { name: "a collection that does not need paging", path: "/collections/hand-tools" },
  { name: "a narrowed collection", path: "/collections/all?filter.p.product_type=Kitchen" },
  { name: "a narrowed search", path: "/search?q=pot&filter.v.availability=1" },
  { name: "filters that nothing fits", path: "/collections/all?filter.p.tag=none" },
  { name: "a product with options", path: "/products/goatskin-gloves" },
  { name: "a product without", path: "/products/hand-fork" },
  { name: "a search", path: "/search?q=pot" },
  { name: "a search that finds nothing", path: "/search?q=zzzzqqqq" },
  { name: "an empty search", path: "/search" },
  { name: "a million SKUs", path: "/demo/million" },
  { name: "an empty cart", path: "/cart" },
  {
    name: "a cart",
    path: "/cart",
    before: async (page) => {
      for (const handle of ["hand-fork", "goatskin-gloves"])
        await addProduct(page, `/products/${handle}`);
    },
  },
  { name: "a page that is not there", path: "/nowhere", status: 404 },
  { name: "an error", path: "/collections/all?cursor=nonsense", status: 400 },
];

for (const { name, path, status = 200, before } of templates) {
  test(`axe and html-validate find nothing in ${name}`, async ({ page, complaints }) => {
    // axe looks at each element of a page, several times.
    test.slow();
    complaints.allow(/status of 40[04]/);
    await before?.(page);
    const response = await page.goto(path);
    expect(response?.status()).toBe(status);

    const report = await validator.validateString((await response?.text()) ?? "", path);
    const found = report.results.flatMap(({ messages }) => messages);
    expect(
      found.map(
        ({ ruleId, line, message, selector }) =>
          `${ruleId} at line ${line}: ${message} (${selector})`,
      ),
    ).toEqual([]);

    await hydrated(page);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const { violations } = await new AxeBuilder({ page }).analyze();
      const told = violations.flatMap(({ id, help, nodes }) =>
        nodes.map(({ html }) => `${id}: ${help}: ${html}`),
      );
      expect(told, colorScheme).toEqual([]);
    }
  });
}
