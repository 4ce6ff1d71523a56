// Writes cldr.json, the locale data that the framework embeds, from the Unicode CLDR (Unicode
// License v3):
//
//     npm install --prefix target/cldr cldr-core@48.2.0 cldr-numbers-full@48.2.0 \
//         cldr-dates-full@48.2.0 cldr-misc-full@48.2.0
//     cd framework/types/src/locale
//     node cldr.mjs ../../../../target/cldr/node_modules > cldr.json
//
// Every list has its places in a fixed order: months from January, days from Sunday.

import { readFileSync } from "node:fs";

// Shop locale: where CLDR keeps its data, and the protocol's name of its plural rule.
const LOCALES = {
  "ar-AE": ["ar-AE", "arabic"],
  "ar-EG": ["ar-EG", "arabic"],
  "bn-BD": ["bn", "one_zero_other"],
  "cs-CZ": ["cs", "czech"],
  "da-DK": ["da", "one_other"],
  "de-AT": ["de-AT", "one_other"],
  "de-CH": ["de-CH", "one_other"],
  "de-DE": ["de", "one_other"],
  "en-AU": ["en-AU", "one_other"],
  "en-CA": ["en-CA", "one_other"],
  "en-GB": ["en-GB", "one_other"],
  "en-IE": ["en-IE", "one_other"],
  "en-IN": ["en-IN", "one_other"],
  "en-US": ["en", "one_other"],
  "es-ES": ["es", "one_other"],
  "fi-FI": ["fi", "one_other"],
  "fr-CA": ["fr-CA", "french"],
  "fr-FR": ["fr", "french"],
  "it-IT": ["it", "one_other"],
  "ja-JP": ["ja", "none"],
  "ko-KR": ["ko", "none"],
  "mr-IN": ["mr", "one_other"],
  "nb-NO": ["nb", "one_other"],
  "nl-NL": ["nl", "one_other"],
  "pl-PL": ["pl", "polish"],
  "pt-BR": ["pt", "french"],
  "pt-PT": ["pt-PT", "one_other"],
  "sv-SE": ["sv", "one_other"],
  "uk-UA": ["uk", "east_slavic"],
  "zh-CN": ["zh-Hans", "none"],
};

const root = process.argv[2];
const read = (path) => JSON.parse(readFileSync(`${root}/${path}`, "utf8"));
const version = read("cldr-core/package.json").version;

const systems = read("cldr-core/supplemental/numberingSystems.json").supplemental.numberingSystems;

const locales = {};
for (const [name, [cldr, plural]] of Object.entries(LOCALES)) {
  const main = (pack, file) => read(`${pack}/main/${cldr}/${file}.json`).main[cldr];
  const numbers = main("cldr-numbers-full", "numbers").numbers;
  const dates = main("cldr-dates-full", "ca-gregorian").dates.calendars.gregorian;
  const orientation = main("cldr-misc-full", "layout").layout.orientation.characterOrder;
  const currencies = main("cldr-numbers-full", "currencies").numbers.currencies;
  // Arabic, Devanagari and others write digits of their own.
  const system = numbers.defaultNumberingSystem;
  const signs = numbers[`symbols-numberSystem-${system}`];
  const pattern = (text) => (typeof text === "string" ? text : text._value);
  locales[name] = {
    dir: orientation === "right-to-left" ? "rtl" : "ltr",
    plural,
    ...(system !== "latn" && { numerals: systems[system]._digits }),
    decimal: signs.decimal,
    group: signs.group,
    minus: signs.minusSign,
    number: numbers[`decimalFormats-numberSystem-${system}`].standard,
    currency: numbers[`currencyFormats-numberSystem-${system}`].standard,
    months: Object.values(dates.months.format.wide),
    months_short: Object.values(dates.months.format.abbreviated),
    days: Object.values(dates.days.format.wide),
    days_short: Object.values(dates.days.format.abbreviated),
    date_short: pattern(dates.dateFormats.short),
    date_medium: pattern(dates.dateFormats.medium),
    date_long: pattern(dates.dateFormats.long),
    time_short: pattern(dates.timeFormats.short),
    am: dates.dayPeriods.format.abbreviated.am,
    pm: dates.dayPeriods.format.abbreviated.pm,
    symbols: Object.fromEntries(
      Object.entries(currencies)
        .filter(([code, entry]) => entry.symbol && entry.symbol !== code)
        .map(([code, entry]) => [code, entry.symbol]),
    ),
  };
}
const source = `Unicode CLDR ${version}`;
process.stdout.write(`${JSON.stringify({ source, locales }, null, 1)}\n`);
