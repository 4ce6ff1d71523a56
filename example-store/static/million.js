// Filters a million SKUs: each change of the fields is a query in the next frame.

/** The columns: numbers of the set, the column of prices, and the orders. */
const IN_STOCK = 0;
const PRICE = 0;
const SORTS = {
  sales: { order: 0 },
  newest: { order: 1, reversed: true },
  low: { order: 2 },
  high: { order: 2, reversed: true },
};

const root = document.querySelector(".million");
const find = (selector) => root.querySelector(selector);
const fields = find(".million-fields");
const lists = [...root.querySelectorAll("[data-facet]")];
const counts = lists.map((list) => [...list.querySelectorAll(".million-count")]);
const cards = [...root.querySelectorAll(".million-card")].map((card) => ({
  card,
  swatch: card.querySelector(".million-swatch"),
  brand: card.querySelector(".million-brand"),
  title: card.querySelector(".million-title"),
  amount: card.querySelector(".million-amount"),
}));
const simd = find("[name=simd]");
const sort = find("[name=sort]");
const found = find(".million-found");
const labels = (facet) =>
  [...lists[facet].querySelectorAll(".million-value")].map((label) => label.textContent);
const names = {
  brands: labels(0),
  types: labels(1),
  first: root.dataset.first.split(","),
  colours: root.dataset.colours.split(","),
};

const language = document.documentElement.lang || undefined;
const whole = new Intl.NumberFormat(language);
const money = new Intl.NumberFormat(language, {
  style: "currency",
  currency: root.dataset.currency,
});
const { maximumFractionDigits: digits } = money.resolvedOptions();
const amount = (minor) => money.format(minor / 10 ** digits);

/** Writes a text if it is another one. */
const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

/** What cards show, from the bytes that the server made. */
function shownOf(bytes) {
  const [prices, products] = new Uint32Array(bytes, 0, 2);
  const lowest = 8 + 4 * prices;
  const of = (column) => new Uint8Array(bytes, lowest + (4 + column) * products, products);
  return {
    prices: new Uint32Array(bytes, 8, prices),
    lowest: new Uint32Array(bytes, lowest, products),
    brand: of(0),
    type: of(1),
    first: of(2),
    colour: of(3),
  };
}

/** The query that the fields ask. Sliders that have passed each other are exchanged. */
function queryOf() {
  const [one, other] = [fields.elements.from, fields.elements.to].map((slider) => +slider.value);
  const chosen = lists.flatMap((list, facet) => {
    const values = [...list.querySelectorAll(":checked")].map((box) => +box.value);
    return values.length ? [{ facet, values }] : [];
  });
  return {
    required: fields.elements.stock.checked ? [IN_STOCK] : [],
    chosen,
    ranges: [{ column: PRICE, from: Math.min(one, other), to: Math.max(one, other) }],
    count: lists.map((_, facet) => facet),
    ...SORTS[sort.value],
    take: cards.length,
  };
}

/** Shows an answer. */
function show(answer, { ranges: [range] }, shown) {
  write(found, `${whole.format(answer.total)} of ${whole.format(+found.dataset.of)} products`);
  for (const end of ["from", "to"]) {
    const price = amount(shown.prices[range[end]]);
    write(find(`[data-amount=${end}]`), price);
    fields.elements[end].setAttribute("aria-valuetext", price);
  }
  answer.counts.forEach((values, facet) => {
    values.forEach((count, value) => write(counts[facet][value], whole.format(count)));
  });
  cards.forEach(({ card, swatch, brand, title, amount: price }, at) => {
    const product = answer.groups[at];
    card.toggleAttribute("data-empty", product === undefined);
    if (product === undefined) return;
    swatch.style.background = names.colours[shown.colour[product]];
    write(brand, names.brands[shown.brand[product]]);
    write(title, `${names.first[shown.first[product]]} ${names.types[shown.type[product]]}`);
    write(price, amount(shown.prices[shown.lowest[product]]));
  });
}

/** A text for screen readers, once nothing has changed for a moment. */
const say = (() => {
  let timer;
  return (text) => {
    clearTimeout(timer);
    timer = setTimeout(() => write(find("[data-said]"), text), 700);
  };
})();

const { openFilter, runsSimd } = await import(root.dataset.script);
const files = {
  image: root.dataset.columns,
  module: root.dataset.module,
  simd: root.dataset.simd,
};
const opened = new Map();
/** The filter with SIMD or without, loaded once. */
const filterWith = (wanted) => {
  if (!opened.has(wanted)) opened.set(wanted, openFilter(files, { simd: wanted }));
  return opened.get(wanted);
};

const fail = (message) => write(found, message);

simd.checked = runsSimd();
try {
  const [bytes, first] = await Promise.all([
    fetch(root.dataset.shown).then((response) => response.arrayBuffer()),
    filterWith(simd.checked),
  ]);
  if (first.failed) throw new Error(first.message);
  start(shownOf(bytes), first);
} catch (error) {
  fail(`The catalogue could not be loaded: ${error.message}`);
}

function start(shown, first) {
  let filter = first;
  let waiting = false;

  const answer = () => {
    waiting = false;
    const query = queryOf();
    const begin = performance.now();
    const answered = filter.query(query);
    const end = performance.now();
    if (answered.failed) return fail(answered.message);
    const { total } = answered;
    performance.measure("million", {
      start: begin,
      end,
      detail: { ...query.ranges[0], total },
    });
    // Observers and developer tools have it; the page keeps none.
    performance.clearMeasures("million");
    show(answered, query, shown);
    write(find("[data-ms]"), (end - begin).toFixed(1));
    say(found.textContent);
  };
  const ask = () => {
    if (!waiting) requestAnimationFrame(answer);
    waiting = true;
  };

  simd.addEventListener("change", async () => {
    simd.disabled = true;
    const other = await filterWith(simd.checked);
    simd.disabled = false;
    if (other.failed) return fail(other.message);
    filter = other;
    ask();
  });
  fields.addEventListener("input", ask);
  find("[data-clear]").addEventListener("click", () => {
    for (const field of fields.elements) {
      if (field.type === "checkbox") field.checked = field.defaultChecked;
      else if (field.type === "range") field.value = field.defaultValue;
    }
    ask();
  });
  sort.addEventListener("change", ask);
  fields.disabled = false;
  sort.disabled = false;
  simd.disabled = !runsSimd();
  ask();
}
