//! Security headers. They are the same for every visitor, because they are stored with pages.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// `[csp]`: sources besides the shop's own files, as `https://host`, `https://*.host` or
/// `wss://host`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CspSources {
    /// Sources of scripts.
    pub script: Vec<String>,
    /// Sources of style sheets.
    pub style: Vec<String>,
    /// Sources of pictures, besides any over https.
    pub img: Vec<String>,
    /// Hosts that scripts may connect to.
    pub connect: Vec<String>,
    /// Sources of fonts.
    pub font: Vec<String>,
    /// Sources of frames.
    pub frame: Vec<String>,
    /// Sources of audio and video.
    pub media: Vec<String>,
    /// Hosts that forms may be sent to.
    pub form: Vec<String>,
}

impl CspSources {
    /// The first invalid source, with its key.
    pub fn check(&self) -> Result<(), (String, String)> {
        let is_source = |source: &String| {
            let host = ["https://", "wss://"]
                .iter()
                .find_map(|scheme| source.strip_prefix(scheme));
            let host = host.map(|host| host.strip_prefix("*.").unwrap_or(host));
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/%".contains(&byte);
            host.is_some_and(|host| !host.is_empty() && host.bytes().all(plain))
        };
        for (key, sources) in [
            ("csp.script", &self.script),
            ("csp.style", &self.style),
            ("csp.img", &self.img),
            ("csp.connect", &self.connect),
            ("csp.font", &self.font),
            ("csp.frame", &self.frame),
            ("csp.media", &self.media),
            ("csp.form", &self.form),
        ] {
            if let Some(source) = sources.iter().find(|source| !is_source(source)) {
                let problem = format!("`{source}` is no source such as https://pay.example");
                return Err((key.to_owned(), problem));
            }
        }
        Ok(())
    }
}

/// The headers of every response except 304: a client keeps those of its stored response.
#[derive(Clone, Debug)]
pub struct SecurityHeaders {
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl SecurityHeaders {
    /// The policy that allows the shop's own files and these inline scripts (their text, byte for
    /// byte).
    pub fn new(inline_scripts: &[&str], own: &CspSources) -> SecurityHeaders {
        let hashes: String = inline_scripts
            .iter()
            .map(|script| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script))))
            .collect();
        let with = |directive: &str, sources: &[String]| {
            let own: String = sources.iter().map(|source| format!(" {source}")).collect();
            format!("{directive}{own}")
        };
        let mut policy = vec![
            "default-src 'self'".to_owned(),
            with(
                &format!("script-src 'self'{hashes} 'wasm-unsafe-eval'"),
                &own.script,
            ),
            with("style-src 'self'", &own.style),
            "style-src-attr 'unsafe-inline'".to_owned(),
            with("img-src 'self' https: data:", &own.img),
            with("connect-src 'self'", &own.connect),
            "object-src 'none'".to_owned(),
            "base-uri 'none'".to_owned(),
            with("form-action 'self'", &own.form),
            "frame-ancestors 'none'".to_owned(),
        ];
        for (directive, sources) in [
            ("font-src 'self'", &own.font),
            ("frame-src 'self'", &own.frame),
            ("media-src 'self'", &own.media),
        ] {
            if !sources.is_empty() {
                policy.push(with(directive, sources));
            }
        }
        let policy = policy.join("; ");
        let policy = HeaderValue::try_from(policy)
            .expect("a policy of ASCII directives, base64 and checked sources is a header");
        SecurityHeaders {
            headers: vec![
                (CONTENT_SECURITY_POLICY, policy),
                (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
                (
                    REFERRER_POLICY,
                    HeaderValue::from_static("strict-origin-when-cross-origin"),
                ),
                (
                    HeaderName::from_static("permissions-policy"),
                    HeaderValue::from_static(
                        "camera=(), geolocation=(), microphone=(), browsing-topics=()",
                    ),
                ),
                (
                    HeaderName::from_static("cross-origin-opener-policy"),
                    HeaderValue::from_static("same-origin"),
                ),
            ],
        }
    }

    /// Headers of this policy.
    pub fn of(headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>) -> SecurityHeaders {
        SecurityHeaders {
            headers: headers.into_iter().collect(),
        }
    }

    /// Iterates over the headers.
    pub fn iter(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.headers.iter().map(|(name, value)| (name, value))
    }

    /// Adds the headers to a response with this status.
    pub fn apply(&self, status: StatusCode, headers: &mut HeaderMap) {
        if status == StatusCode::NOT_MODIFIED {
            return;
        }
        headers.reserve(self.headers.len());
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inline_script_is_allowed_by_its_hash_alone() {
        let mut headers = HeaderMap::new();
        // The second is the example of the CSP specification.
        let scripts = ["alert(1)", "alert('Hello, world.');"];
        SecurityHeaders::new(&scripts, &CspSources::default()).apply(StatusCode::OK, &mut headers);
        let policy = headers[CONTENT_SECURITY_POLICY].to_str().expect("ascii");
        for hash in [
            "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='",
            "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='",
        ] {
            assert!(policy.contains(hash), "{policy}");
        }
        let scripts = policy
            .split("; ")
            .find(|directive| directive.starts_with("script-src"))
            .expect("script-src");
        assert!(
            !scripts.contains("unsafe-inline") && !scripts.contains("'unsafe-eval'"),
            "{scripts}"
        );
    }

    #[test]
    fn not_modified_repeats_no_policy() {
        let mut headers = HeaderMap::new();
        SecurityHeaders::new(&[], &CspSources::default())
            .apply(StatusCode::NOT_MODIFIED, &mut headers);
        assert!(headers.is_empty());
    }
}
