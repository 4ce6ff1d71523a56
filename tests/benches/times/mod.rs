//! How long calls take: percentiles, and a table of them.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde_json::{Value, json};

/// Times of one kind, in nanoseconds to three digits.
pub struct Times(Histogram<u64>);

impl Times {
    pub fn of(durations: impl IntoIterator<Item = Duration>) -> Times {
        Times::from_micros(durations.into_iter().map(|time| time.as_secs_f64() * 1e6))
    }

    pub fn from_micros(micros: impl IntoIterator<Item = f64>) -> Times {
        let mut times = Histogram::new(3).expect("three digits are few enough");
        for micros in micros {
            times += (micros * 1e3) as u64;
        }
        Times(times)
    }

    /// What so many of a hundred calls do not take longer than, in microseconds.
    pub fn percentile(&self, of_hundred: u32) -> f64 {
        self.0.value_at_percentile(of_hundred.into()) as f64 / 1e3
    }

    pub fn json(&self) -> Value {
        let [p50, p90, p99] = [50, 90, 99].map(|of_hundred| self.percentile(of_hundred));
        json!({"p50": p50, "p90": p90, "p99": p99})
    }

    /// The head of a table of such times.
    pub fn heading(of: &str) {
        println!("{of:<44} {:>9} {:>9} {:>9}", "p50 µs", "p90 µs", "p99 µs");
    }

    /// A line of such a table.
    pub fn show(&self, what: &str) {
        let [p50, p90, p99] = [50, 90, 99].map(|of_hundred| self.percentile(of_hundred));
        println!("{what:<44} {p50:>9.1} {p90:>9.1} {p99:>9.1}");
    }
}
