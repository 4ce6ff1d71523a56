//! The plural form that a language uses for a number.

use super::Table;

impl Table {
    /// The plural form for an integer, as the Unicode CLDR names it: `zero`, `one`, `two`, `few`,
    /// `many` or `other`.
    pub fn plural_form(&self, number: i64) -> &'static str {
        let n = number.unsigned_abs();
        let (ten, hundred) = (n % 10, n % 100);
        let is_few = (2..=4).contains(&ten) && !(12..=14).contains(&hundred);
        match self.plural.as_str() {
            "one_other" if n == 1 => "one",
            "one_zero_other" | "french" if n <= 1 => "one",
            "french" if n.is_multiple_of(1_000_000) => "many",
            "east_slavic" if ten == 1 && hundred != 11 => "one",
            "polish" if n == 1 => "one",
            "east_slavic" | "polish" if is_few => "few",
            "east_slavic" | "polish" => "many",
            "czech" if n == 1 => "one",
            "czech" if (2..=4).contains(&n) => "few",
            "arabic" => match (n, hundred) {
                (0, _) => "zero",
                (1, _) => "one",
                (2, _) => "two",
                (_, 3..=10) => "few",
                (_, 11..) => "many",
                _ => "other",
            },
            _ => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::locale::Locale;

    #[test]
    fn each_language_has_its_forms() {
        for (locale, forms) in [
            (
                "en-GB",
                [(0, "other"), (1, "one"), (2, "other"), (-1, "one")],
            ),
            (
                "fr-FR",
                [(0, "one"), (1, "one"), (2, "other"), (1_000_000, "many")],
            ),
            (
                "uk-UA",
                [(1, "one"), (21, "one"), (11, "many"), (23, "few")],
            ),
            (
                "pl-PL",
                [(1, "one"), (21, "many"), (12, "many"), (22, "few")],
            ),
            (
                "cs-CZ",
                [(1, "one"), (4, "few"), (5, "other"), (22, "other")],
            ),
            (
                "ar-EG",
                [(0, "zero"), (2, "two"), (103, "few"), (100, "other")],
            ),
            (
                "ja-JP",
                [(0, "other"), (1, "other"), (2, "other"), (9, "other")],
            ),
        ] {
            let table = Locale::new(locale, "EUR").expect("known").table;
            for (number, form) in forms {
                assert_eq!(table.plural_form(number), form, "{locale}: {number}");
            }
        }
    }
}
