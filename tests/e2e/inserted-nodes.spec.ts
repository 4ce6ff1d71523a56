import { expect, hydrated, test } from "./lab.ts";

test("nodes that an extension inserts before hydration do not break an island", async ({
  page,
}) => {
  await page.route("**/pages/guests", async (route) => {
    const response = await route.fetch();
    const html = (await response.text())
      .replace(
        /(<section[^>]*class="guests"[^>]*>)/,
        "$1<!-- extension --><div class=extension>hello</div>",
      )
      .replace(/(<ul[^>]*>)/, "$1<li class=extension>not a guest</li>")
      .replace("</ul>", "<!--extension--><li class=extension>nor this</li></ul>");
    await route.fulfill({ response, body: html });
  });
  await page.goto("/pages/guests");
  await hydrated(page);
  await page.locator("button.first").click();
  await page.locator("button.reverse").click();
  await page.locator("button.toggle").click();
  await expect(page.locator(".guests .name")).toHaveText(["Cy", "Bo", "Ada", "New"]);
  await expect(page.locator(".count")).toHaveText("There are 4 guests, and the door is open.");
  await expect(page.locator(".extension")).toHaveCount(3);
});

test("nodes that an extension inserts later do not break an island", async ({ page }) => {
  await page.goto("/pages/guests");
  await hydrated(page);
  await page.evaluate(() => {
    for (const place of document.querySelectorAll(".guests, .guests ul, .guests li, .count")) {
      place.prepend(
        document.createComment("go-away"),
        Object.assign(document.createElement("i"), { className: "extension" }),
      );
      place.append(document.createTextNode(""));
    }
  });
  await page.locator(".remove").nth(1).click();
  await page.locator("button.first").click();
  await page.locator("button.toggle").click();
  await expect(page.locator(".guests .name")).toHaveText(["New", "Ada", "Cy"]);
  await expect(page.locator(".count")).toHaveText("There are 3 guests, and the door is open.");
  await page.locator("button.toggle").click();
  await expect(page.locator(".count")).toHaveText("There are 3 guests.");
});

test("a row keeps its nodes, and what is typed in it, when the list changes around it", async ({
  page,
}) => {
  await page.goto("/pages/guests");
  await hydrated(page);
  const field = page.locator("li", { hasText: "Bo" }).locator("input");
  await field.fill("vegetarian");
  await page.locator("button.first").click();
  await page.locator("button.reverse").click();
  await expect(page.locator("li", { hasText: "Bo" }).locator("input")).toHaveValue("vegetarian");
  await expect(page.locator(".guests .name")).toHaveText(["Cy", "Bo", "Ada", "New"]);
});
