//! The time of day as a locale writes it.

use time::UtcDateTime;

/// How the time of day is written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Clock {
    /// CLDR's pattern of hours and minutes, for example `h:mm a`.
    #[serde(rename = "time_short")]
    pub pattern: String,
    /// The text of `a` before noon.
    pub am: String,
    /// The text of `a` from noon on.
    pub pm: String,
}

impl Clock {
    /// Formats Unix milliseconds twice, in UTC: as HTML's `datetime`, and as hour and minute for
    /// people (`2:32 PM UTC`).
    pub(super) fn universal_time(&self, at: i64) -> (String, String) {
        let moment = UtcDateTime::from_unix_timestamp(at.div_euclid(1_000));
        let moment = moment.unwrap_or(match at < 0 {
            true => UtcDateTime::MIN,
            false => UtcDateTime::MAX,
        });
        let (hour, minute, second) = moment.as_hms();
        let machine = format!("{}T{hour:02}:{minute:02}:{second:02}Z", moment.date());
        (machine, self.write(hour, minute))
    }

    fn write(&self, hour: u8, minute: u8) -> String {
        let of_12 = (hour + 11) % 12 + 1;
        let mut text = String::new();
        let mut rest = self.pattern.as_str();
        let mut quoted = false;
        while let Some(letter) = rest.chars().next() {
            let run = rest.chars().take_while(|c| *c == letter).count();
            let width = if run > 1 { 2 } else { 1 };
            match letter {
                '\'' => quoted = !quoted,
                other if quoted => text.extend(std::iter::repeat_n(other, run)),
                'H' => text.push_str(&format!("{hour:0width$}")),
                'h' => text.push_str(&format!("{of_12:0width$}")),
                'm' => text.push_str(&format!("{minute:0width$}")),
                'a' | 'b' | 'B' if hour < 12 => text.push_str(&self.am),
                'a' | 'b' | 'B' => text.push_str(&self.pm),
                other => text.extend(std::iter::repeat_n(other, run)),
            }
            rest = &rest[letter.len_utf8() * run..];
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use crate::locale::Locale;

    fn times(locale: &str, at: i64) -> (String, String) {
        Locale::new(locale, "EUR")
            .expect("known")
            .universal_time(at)
    }

    #[test]
    fn a_moment_is_written_as_the_locale_writes_it() {
        // 21 November 2026, 14:32:05.
        let at = 1_795_271_525_000;
        let time = |locale: &str| times(locale, at).1;
        assert_eq!(times("en-GB", at).0, "2026-11-21T14:32:05Z");
        assert_eq!(time("en-GB"), "14:32 UTC");
        assert_eq!(time("en-US"), "2:32\u{202f}PM UTC");
        assert_eq!(time("de-DE"), "14:32 UTC");
        assert_eq!(time("fi-FI"), "14.32 UTC");
        assert_eq!(time("fr-CA"), "14 h 32 UTC");
    }

    #[test]
    fn noon_midnight_and_the_ends_of_time_have_a_text() {
        assert_eq!(times("en-US", 0).0, "1970-01-01T00:00:00Z");
        assert_eq!(times("en-US", 0).1, "12:00\u{202f}AM UTC");
        assert_eq!(times("en-US", 43_200_000).1, "12:00\u{202f}PM UTC");
        assert_eq!(times("en-US", 951_782_400_000).0, "2000-02-29T00:00:00Z");
        assert_eq!(times("en-US", -1_000).0, "1969-12-31T23:59:59Z");
        for end in [i64::MIN, i64::MAX] {
            assert!(times("en-US", end).0.ends_with('Z'));
        }
    }

    #[test]
    fn every_locale_writes_hours_and_minutes() {
        for name in crate::locale::known() {
            let time = times(&name, 3_600_000 * 9 + 60_000 * 7).1;
            let table = Locale::new(&name, "EUR").expect("known").table;
            let (hour, minute) = (table.native("9"), table.native("07"));
            let is_whole = time.contains(&hour) && time.contains(&minute);
            assert!(is_whole, "{name}: {time}");
        }
    }
}
