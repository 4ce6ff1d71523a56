//! Days as a locale writes them.

use time::macros::format_description;
use time::{Date, UtcDateTime};

use super::Table;

/// In which length a locale writes a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateStyle {
    /// In digits: `21/11/2026`.
    Short,
    /// With the month abbreviated: `21 Nov 2026`.
    Medium,
    /// With the month in full: `21 November 2026`.
    #[default]
    Long,
}

impl std::str::FromStr for DateStyle {
    type Err = ();

    fn from_str(name: &str) -> Result<DateStyle, ()> {
        match name {
            "short" => Ok(DateStyle::Short),
            "medium" => Ok(DateStyle::Medium),
            "long" => Ok(DateStyle::Long),
            _ => Err(()),
        }
    }
}

/// The day `2026-11-21`, or of a time that begins with it (`2026-11-21T14:32:05Z`); `None` for a
/// text that is neither, or a day that there is not.
fn parse(text: &str) -> Option<Date> {
    let day = match text.split_once(['T', ' ']) {
        Some((day, _)) => day,
        None => text,
    };
    // A year has no sign.
    let is_plain = day.starts_with(|letter: char| letter.is_ascii_digit());
    let day = Date::parse(day, format_description!("[year]-[month]-[day]"));
    day.ok().filter(|_| is_plain)
}

/// The day of the week, from Sunday on.
fn weekday(day: Date) -> usize {
    day.weekday().number_days_from_sunday().into()
}

impl Table {
    /// Formats a day: `2026-11-21` is `21 November 2026`. A date and time
    /// (`2026-11-21T14:32:05+02:00`) is the day that it names. `None` for a text that is no day.
    pub fn date(&self, text: &str, style: DateStyle) -> Option<String> {
        Some(self.write_date(parse(text)?, style))
    }

    /// Formats the day of a time in Unix seconds, in UTC. `None` outside of the years 0 to 9999.
    pub fn date_of_time(&self, seconds: i64, style: DateStyle) -> Option<String> {
        let day = UtcDateTime::from_unix_timestamp(seconds).ok()?.date();
        (day.year() >= 0).then(|| self.write_date(day, style))
    }

    fn write_date(&self, day: Date, style: DateStyle) -> String {
        let month = usize::from(u8::from(day.month()));
        let pattern = match style {
            DateStyle::Short => &self.date_short,
            DateStyle::Medium => &self.date_medium,
            DateStyle::Long => &self.date_long,
        };
        let word = |words: &[String], at: usize| words.get(at).cloned().unwrap_or_default();
        let digits = |number: i32, width: usize| self.native(&format!("{number:0width$}"));
        let mut written = String::new();
        let mut rest = pattern.as_str();
        let mut quoted = false;
        while let Some(letter) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("''") {
                written.push('\'');
                rest = after;
                continue;
            }
            let run = match letter {
                '\'' => 1,
                _ => rest.chars().take_while(|other| *other == letter).count(),
            };
            match (letter, run) {
                ('\'', _) => quoted = !quoted,
                (other, _) if quoted => written.extend(std::iter::repeat_n(other, run)),
                ('y', 2) => written.push_str(&digits(day.year() % 100, 2)),
                ('y', _) => written.push_str(&digits(day.year(), 1)),
                ('M', 4..) => written.push_str(&word(&self.months, month - 1)),
                ('M', 3) => written.push_str(&word(&self.months_short, month - 1)),
                ('M', width) => written.push_str(&digits(month as i32, width)),
                ('d', width) => written.push_str(&digits(day.day().into(), width.min(2))),
                ('E', 4..) => written.push_str(&word(&self.days, weekday(day))),
                ('E', _) => written.push_str(&word(&self.days_short, weekday(day))),
                (other, _) => written.extend(std::iter::repeat_n(other, run)),
            }
            rest = rest.get(letter.len_utf8() * run..).unwrap_or_default();
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Locale;

    fn date(locale: &str, text: &str, style: DateStyle) -> Option<String> {
        let locale = Locale::new(locale, "EUR").expect("known");
        locale.table.date(text, style)
    }

    #[test]
    fn a_day_is_written_as_the_locale_writes_it() {
        let long = |locale: &str| date(locale, "2026-11-01", DateStyle::Long).expect("a day");
        assert_eq!(long("en-GB"), "1 November 2026");
        assert_eq!(long("en-US"), "November 1, 2026");
        assert_eq!(long("de-DE"), "1. November 2026");
        assert_eq!(long("ja-JP"), "2026年11月1日");
        let short = |locale: &str| date(locale, "2026-11-01T23:59:59Z", DateStyle::Short);
        assert_eq!(short("en-GB").as_deref(), Some("01/11/2026"));
        assert_eq!(short("en-US").as_deref(), Some("11/1/26"));
        assert_eq!(
            date("en-GB", "2026-11-01", DateStyle::Medium).as_deref(),
            Some("1 Nov 2026")
        );
    }

    #[test]
    fn a_text_that_is_no_day_is_not_written() {
        for text in [
            "",
            "2026",
            "2026-11",
            "2026-13-01",
            "2026-02-29",
            "2026-1-1",
            "01/11/2026",
            "20261101",
            "-026-11-01",
            "2026-11-0x",
            "tomorrow",
        ] {
            assert_eq!(date("en-GB", text, DateStyle::Long), None, "{text}");
        }
        assert!(date("en-GB", "2024-02-29", DateStyle::Long).is_some());
    }

    #[test]
    fn a_time_in_unix_seconds_is_its_day_in_utc() {
        let table = Locale::new("en-GB", "EUR").expect("known").table;
        let long = |seconds| table.date_of_time(seconds, DateStyle::Long);
        assert_eq!(long(0).as_deref(), Some("1 January 1970"));
        assert_eq!(long(-1).as_deref(), Some("31 December 1969"));
        assert_eq!(long(1_709_251_199).as_deref(), Some("29 February 2024"));
        assert_eq!(long(253_402_300_799).as_deref(), Some("31 December 9999"));
        for seconds in [253_402_300_800, i64::MAX, i64::MIN] {
            assert_eq!(long(seconds), None, "{seconds}");
        }
    }

    #[test]
    fn days_of_the_week_follow_each_other() {
        for (day, of_week) in [
            ("1970-01-01", 4),
            ("2000-02-29", 2),
            ("2026-11-27", 5),
            ("2026-11-29", 0),
        ] {
            assert_eq!(parse(day).map(weekday), Some(of_week), "{day}");
        }
    }

    #[test]
    fn every_locale_writes_every_style() {
        for name in crate::locale::known() {
            for style in [DateStyle::Short, DateStyle::Medium, DateStyle::Long] {
                let written = date(&name, "2026-11-21", style).unwrap_or_default();
                let table = Locale::new(&name, "EUR").expect("known").table;
                assert!(written.contains(&table.native("21")), "{name}: {written}");
                assert!(!written.contains(['\'', 'y', 'M']) || style != DateStyle::Short);
            }
        }
    }
}
