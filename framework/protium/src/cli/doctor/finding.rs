//! One thing that was looked at.

use std::fmt;

use serde::Serialize;

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Ok,
    /// Not there.
    Missing,
    /// There, in a version that is too old.
    Old,
    /// There, and of no use.
    Broken,
}

/// One thing that was looked at: on a line of its own, or an object of JSON.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// How it is.
    pub state: State,
    /// What it is.
    pub name: &'static str,
    /// What was found: a version, an address, or what is wrong.
    pub found: String,
    /// What it is for, or who can do without it.
    pub needed_for: &'static str,
    /// What to do.
    pub advice: Option<String>,
    /// Whether no shop can be built and served without it.
    pub required: bool,
}

impl Finding {
    /// Something that is as it should be.
    pub fn ok(name: &'static str, found: impl Into<String>) -> Finding {
        Finding {
            state: State::Ok,
            name,
            found: found.into(),
            needed_for: "",
            advice: None,
            required: false,
        }
    }

    /// Something without which the shop does not start.
    pub fn broken(name: &'static str, found: impl Into<String>) -> Finding {
        Finding {
            state: State::Broken,
            required: true,
            ..Finding::ok(name, found)
        }
    }

    /// What to do about it.
    pub fn advice(self, advice: impl Into<String>) -> Finding {
        Finding {
            advice: Some(advice.into()),
            ..self
        }
    }

    /// Whether a shop cannot be built and served because of it.
    pub fn prevents_serving(&self) -> bool {
        self.required && self.state != State::Ok
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Ok => "ok",
            State::Missing => "missing",
            State::Old => "old",
            State::Broken => "broken",
        };
        let Finding { name, found, .. } = self;
        write!(formatter, "{state:8} {name:14} {found}")?;
        if !self.needed_for.is_empty() {
            write!(formatter, " ({})", self.needed_for)?;
        }
        match &self.advice {
            Some(advice) => write!(formatter, "; {advice}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_a_line_with_what_to_do() {
        let taken = Finding::broken("port", "127.0.0.1:3000 is taken").advice("--listen names one");
        let line = "broken   port           127.0.0.1:3000 is taken; --listen names one";
        assert_eq!(taken.to_string(), line);
        assert!(taken.prevents_serving());
        let go = Finding {
            needed_for: "components",
            required: true,
            ..Finding::ok("go", "go1.26.8")
        };
        assert_eq!(
            go.to_string(),
            "ok       go             go1.26.8 (components)"
        );
        assert!(!go.prevents_serving());
    }
}
