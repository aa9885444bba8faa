// What a reader of the page meets: node page.mjs URL.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, test } from "node:test";

// They are not installed beside this file.
const require = createRequire(`${process.env.BROWSER}/`);
const axe = require("axe-core");
const { chromium } = require("playwright-core");

const [url] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  // Tests run as root, in containers with little shared memory and no graphics.
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
});
after(() => browser.close());

/** Opens a page of the server, and fails if it says anything on the console, or loads anything. */
const reads = (what, path, options, act) =>
  test(what, async () => {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    const page = await context.newPage();
    const said = [];
    const loaded = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(error.message));
    page.on("request", (request) => loaded.push(request.url()));
    const console = () => `on the console: ${said.join("\n")}`;
    try {
      await page.goto(url + path);
      await act(page);
    } catch (cause) {
      throw new Error(`${cause.message}\n${console()}`, { cause });
    }
    assert.equal(said.length, 0, console());
    const isPage = (address) => address.startsWith(`${url}/shop`) || address.startsWith(`${url}/hostile`);
    assert.ok(loaded.every(isPage), loaded.join());
    await context.close();
  });

/** The keys of the errors that can be seen: those of the shop, and how many there are with those of layers. */
const shown = async (page) => {
  const ids = await page.locator("article:visible").evaluateAll((all) => all.map(({ id }) => id));
  return { keys: ids.filter((id) => KEYS.includes(id)), count: ids.length };
};
const KEYS = [
  "out_of_stock",
  "no_such_article",
  "address_invalid",
  "card_declined",
  "basket_locked",
  "too_many_orders",
  "bank_silent",
  "unexpected",
];

reads("typing narrows the list", "/shop", {}, async (page) => {
  const search = page.getByRole("searchbox");
  const all = await shown(page);
  assert.deepEqual(all.keys, KEYS);
  assert.ok(all.count > KEYS.length + 10);
  for (const [words, keys] of [
    ["4091", ["basket_locked"]],
    ["SILENT", ["bank_silent"]],
    ["504", ["bank_silent"]],
    ["card was", ["card_declined"]],
    ["others faster", ["out_of_stock"]],
    ["idempotency", ["bank_silent"]],
    ["declined_at", ["card_declined"]],
    ["sold_out", ["out_of_stock"]],
    ["conflict", ["out_of_stock", "basket_locked"]],
    ["shop.example", []],
  ]) {
    await page.keyboard.press("/");
    await page.keyboard.type(words);
    const found = await shown(page);
    assert.deepEqual(found.keys, keys, words);
    assert.ok(found.count < all.count / 2, words);
    assert.equal(await page.getByRole("status").textContent(), `${found.count} of ${all.count} errors`);
    assert.equal(await page.locator("nav li:visible").count(), found.count);

    await page.keyboard.press("Escape");
    assert.equal(await search.inputValue(), "");
    assert.deepEqual(await shown(page), all);
    await search.blur();
  }
});

reads("an anchor opens its error", "/shop#bank_silent", {}, async (page) => {
  const opens = async (key) => {
    await page.waitForFunction((id) => document.activeElement.id === id, key);
    // It is not below the sticky header.
    const isSeen = await page.locator(`article[id="${key}"] h2`).evaluate((heading) => {
      const { left, top, height } = heading.getBoundingClientRect();
      return heading.contains(document.elementFromPoint(left + 5, top + height / 2));
    });
    assert.ok(isSeen, key);
  };
  await opens("bank_silent");

  // One that is not found at present, and one by its earlier key.
  await page.getByRole("searchbox").fill("silent");
  await page.evaluate(() => (location.hash = "card_declined"));
  await opens("card_declined");
  assert.deepEqual((await shown(page)).keys, KEYS);
  await page.evaluate(() => (location.hash = "sold_out"));
  await opens("out_of_stock");
  await page.getByRole("navigation").getByRole("link", { name: "unexpected" }).click();
  await opens("unexpected");
  await page.evaluate(() => (location.hash = "%"));
});

reads("a tab shows another format, in all errors", "/shop", {}, async (page) => {
  const tab = (key, name) => page.locator(`article[id="${key}"]`).getByRole("tab", { name });
  const bodies = (key) => page.locator(`article[id="${key}"] pre:visible`).allTextContents();
  const isShown = async (key, name, part) => {
    const [body, ...others] = await bodies(key);
    assert.deepEqual(others, []);
    assert.ok(body.includes(part), body);
    assert.equal(await tab(key, name).getAttribute("aria-selected"), "true");
    const panel = page.locator(`article[id="${key}"]`).getByRole("tabpanel", { name });
    assert.ok(await panel.isVisible());
    assert.equal(await page.locator(`article[id="${key}"] [role=tab][tabindex="0"]`).count(), 1);
  };
  await isShown("out_of_stock", "problem_details", "Content-Type: application/problem+json");
  await isShown("out_of_stock", "problem_details", 'HTTP/1.1 409 Conflict\n');
  await isShown("out_of_stock", "problem_details", '\n  "type": "https://shop.example/errors/out_of_stock",\n');

  // What is pressed stays where it is, though the examples above it are others.
  const pressed = tab("bank_silent", "json_api");
  await pressed.scrollIntoViewIfNeeded();
  const { y } = await pressed.boundingBox();
  await pressed.click();
  assert.ok(Math.abs((await pressed.boundingBox()).y - y) < 1);
  await isShown("unexpected", "json_api", "application/vnd.api+json");
  await isShown("out_of_stock", "json_api", "application/vnd.api+json");
  await page.keyboard.press("ArrowRight");
  await isShown("bank_silent", "aip_193", '"DEADLINE_EXCEEDED"');
  await page.keyboard.press("ArrowRight");
  await isShown("bank_silent", "problem_details", "application/problem+json");
  await page.keyboard.press("ArrowLeft");
  await isShown("bank_silent", "aip_193", '"DEADLINE_EXCEEDED"');
  await page.keyboard.press("Home");
  await isShown("bank_silent", "problem_details", "application/problem+json");
  await page.keyboard.press("End");
  await isShown("bank_silent", "aip_193", '"DEADLINE_EXCEEDED"');

  await page.goto(`${url}/shop/out_of_stock`);
  await isShown("out_of_stock", "aip_193", '"error": {');
});

reads("hostile text is only text", "/hostile", {}, async (page) => {
  await page.getByRole("tab").last().click();
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.equal(await page.locator("script").count(), 1);
  assert.equal(await page.locator("img").count(), 0);
  assert.equal(await page.getByText("<script>hacked = 1</script>").count() > 8, true);
});

for (const [path, colorScheme] of [
  ["/shop", "light"],
  ["/shop", "dark"],
  ["/shop/out_of_stock", "light"],
  ["/hostile", "light"],
]) {
  reads(`axe finds nothing at ${path} in ${colorScheme} colours`, path, { colorScheme }, async (page) => {
    const isDark = await page.evaluate(() => {
      const [red] = getComputedStyle(document.body).backgroundColor.match(/\d+/);
      return Number(red) < 128;
    });
    assert.equal(isDark, colorScheme === "dark");
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => axe.run());
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0].html} ${nodes[0].failureSummary}`);
    assert.deepEqual(found, []);
  });
}

for (const path of ["/shop", "/shop/out_of_stock", "/hostile"]) {
  reads(`${path} is no wider than a phone`, path, { viewport: { width: 360, height: 740 } }, async (page) => {
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 360);
    const scroll = ({ scrollWidth, clientWidth }) => scrollWidth > clientWidth;
    assert.ok(await page.locator("pre:visible").first().evaluate(scroll));
  });
}

reads("all of it is there without JavaScript", "/shop", { javaScriptEnabled: false }, async (page) => {
  const { keys, count } = await shown(page);
  assert.deepEqual(keys, KEYS);
  assert.equal(await page.locator("pre:visible").count(), 3 * count);
  assert.equal(await page.locator("h4:visible").count(), 3 * count);
  assert.equal(await page.getByRole("searchbox").count(), 0);
});

reads("paper has what can be read", "/shop", {}, async (page) => {
  await page.emulateMedia({ media: "print" });
  const { keys, count } = await shown(page);
  assert.deepEqual(keys, KEYS);
  assert.equal(await page.locator("nav, search, [role=tab]").filter({ visible: true }).count(), 0);
  assert.equal(await page.locator("h4:visible").count(), count);
});

if (process.env.SCREENSHOT) {
  reads("the screenshot of the docs", "/shop", { colorScheme: "light" }, async (page) => {
    await page.screenshot({ path: process.env.SCREENSHOT });
  });
}
