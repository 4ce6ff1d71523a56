import { chromium } from "@playwright/test";
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox","--disable-gpu"] });
for (const [name, width, height, colorScheme] of [["phone", 390, 844, "dark"], ["desktop", 1280, 900, "light"]]) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  page.on("console", (m) => console.log(name, m.text()));
  page.on("pageerror", (e) => console.log(name, e.message));
  await page.goto("http://127.0.0.1:3911/demo/million");
  await page.waitForTimeout(3000);
  await page.screenshot({ path: `/tmp/fb/${name}.png` });
  await page.screenshot({ path: `/tmp/fb/${name}-full.png`, fullPage: true });
  await page.close();
}
await browser.close();
