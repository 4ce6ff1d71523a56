//! Single requests by curl, so that no figure depends on a client of ours.

use std::process::Command;

use crate::{Error, Result};

/// An answer below 400.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Names in lower case, in the order they came in.
    pub headers: Vec<(String, String)>,
    /// The bytes as they travelled.
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header, when there is one.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(one, _)| one == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A GET with these headers.
pub fn get(url: &str, headers: &[(&str, &str)]) -> Result<Answer> {
    curl(url, headers, None)
}

/// A form as a page of the same site sends it.
pub fn post(url: &str, form: &str) -> Result<Answer> {
    curl(url, &[("sec-fetch-site", "same-origin")], Some(form))
}

fn curl(url: &str, headers: &[(&str, &str)], form: Option<&str>) -> Result<Answer> {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--fail", "--include", "--max-time", "20"]);
    for (name, value) in headers {
        curl.arg("--header").arg(format!("{name}: {value}"));
    }
    if let Some(form) = form {
        curl.args(["--data", form]);
    }
    let output = curl.arg(url).output().map_err(|source| Error::Spawn {
        command: "curl".into(),
        source,
    })?;
    let unexpected = |detail: String| Error::Unexpected {
        what: url.to_owned(),
        detail,
    };
    if !output.status.success() {
        return Err(unexpected(format!("curl: {}", output.status)));
    }
    let end = output
        .stdout
        .windows(4)
        .position(|four| four == b"\r\n\r\n");
    let end = end.ok_or_else(|| unexpected("an answer without a head".into()))?;
    let (head, body) = output.stdout.split_at(end);
    let headers = String::from_utf8_lossy(head)
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    Ok(Answer {
        headers,
        body: body.get(4..).unwrap_or_default().to_owned(),
    })
}
