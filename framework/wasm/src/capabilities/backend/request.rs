//! A module's request to a backend: decoded, and checked against its manifest.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use reqwest::Url;

use super::services::Backend;
use crate::capabilities::error::NotGranted;
use crate::text::sanitise;
use crate::value::Value;

/// A request as decoded.
pub(crate) struct Request {
    pub backend: String,
    method: String,
    path: String,
    headers: Vec<String>,
    body: String,
    /// The module's own timeout; the manifest's applies too.
    pub timeout: Option<Duration>,
}

/// A request that the manifest grants.
pub(super) struct Granted {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: String,
}

impl Request {
    /// Decodes the kit's record; `None` if it is invalid.
    pub fn read(bytes: &[u8]) -> Option<Request> {
        let record = Value::decode(bytes).ok()?;
        let text = |key: &str| record.get(key).and_then(Value::as_text).unwrap_or_default();
        let headers = record
            .get("headers")
            .and_then(Value::as_list)
            .unwrap_or_default();
        let timeout = record
            .get("timeout_ms")
            .and_then(Value::as_int)
            .unwrap_or_default();
        let timeout = u64::try_from(timeout).ok().filter(|timeout| *timeout > 0);
        Some(Request {
            backend: text("backend").to_owned(),
            method: text("method").to_owned(),
            path: text("path").to_owned(),
            headers: headers
                .iter()
                .filter_map(|header| Some(header.as_text()?.to_owned()))
                .collect(),
            body: text("body").to_owned(),
            timeout: timeout.map(Duration::from_millis),
        })
    }

    /// The HTTP request, if the manifest grants every part of it.
    pub(super) fn granted(self, backend: &Backend, region: &str) -> Result<Granted, NotGranted> {
        let refused =
            |what: String| NotGranted(format!("{} of backend `{}`", sanitise(&what), self.backend));
        let name = if self.method.is_empty() {
            "GET"
        } else {
            &self.method
        };
        let method = Method::from_bytes(name.as_bytes())
            .ok()
            .filter(|method| backend.grant.methods.contains(method.as_str()))
            .ok_or_else(|| refused(format!("the method `{name}`")))?;
        let base = backend.regions.get(region).unwrap_or(&backend.address);
        let url =
            on(base, &self.path).ok_or_else(|| refused(format!("the path `{}`", self.path)))?;
        let mut headers = HeaderMap::new();
        for pair in self.headers.chunks(2) {
            let [name, value] = pair else {
                return Err(refused("a header without a value".to_owned()));
            };
            let name = name.to_ascii_lowercase();
            let granted = backend.grant.headers.contains(&name);
            let parsed = HeaderName::from_bytes(name.as_bytes()).ok();
            let (Some(key), true) = (parsed, granted) else {
                return Err(refused(format!("the header `{name}`")));
            };
            let value = HeaderValue::from_str(value)
                .map_err(|_| refused(format!("this value of the header `{name}`")))?;
            headers.append(key, value);
        }
        if self.body.len() > backend.grant.body_bytes {
            return Err(refused(format!("a body of {} bytes", self.body.len())));
        }
        Ok(Granted {
            method,
            url,
            headers,
            body: self.body,
        })
    }
}

/// The URL of a path on the backend: below its address and on its host, whatever the path contains.
fn on(base: &Url, path: &str) -> Option<Url> {
    if !path.starts_with('/') || path.contains(['#', '\\']) || path.chars().any(char::is_control) {
        return None;
    }
    let prefix = base.as_str().trim_end_matches('/');
    let url = Url::parse(&format!("{prefix}{path}")).ok()?;
    let below = base.path().trim_end_matches('/');
    let inside = url
        .path()
        .strip_prefix(below)
        .is_some_and(|rest| rest.starts_with('/'));
    (url.origin() == base.origin() && inside).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn base() -> Url {
        Url::parse("http://aggregator.internal:9000/v1/").unwrap()
    }

    #[test]
    fn a_path_stays_below_the_address() {
        let whole = |path: &str| on(&base(), path).map(|url| url.to_string());
        assert_eq!(
            whole("/list-price?sku=A").as_deref(),
            Some("http://aggregator.internal:9000/v1/list-price?sku=A")
        );
        for path in [
            "",
            "list",
            "/../admin",
            "/%2e%2e/admin",
            "@evil/",
            "/a#b",
            "/\\evil",
            "/a\r\nHost: b",
        ] {
            assert_eq!(whole(path), None, "{path:?}");
        }
        assert_eq!(
            whole("//evil.example/").as_deref(),
            Some("http://aggregator.internal:9000/v1//evil.example/")
        );
    }

    proptest! {
        #[test]
        fn whatever_the_path_is_the_host_is_the_backend(path in "[/.@:?%2e\\\\a-f#\\PC]{0,30}") {
            if let Some(url) = on(&base(), &format!("/{path}")) {
                prop_assert_eq!(url.origin(), base().origin());
                prop_assert!(url.path().starts_with("/v1/"));
            }
        }

        #[test]
        fn whatever_a_module_writes_is_read_without_a_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..200)
        ) {
            let _ = Request::read(&bytes);
        }
    }
}
