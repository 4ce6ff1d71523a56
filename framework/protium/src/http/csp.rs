//! The security headers. They are the same for every visitor, so that stored bytes are too.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use sha2::{Digest, Sha256};

/// The headers of every response but a 304, which repeats none of them: the stored response has
/// them.
#[derive(Clone, Debug)]
pub struct SecurityHeaders {
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl SecurityHeaders {
    /// The policy that allows exactly these inline scripts (their text, byte for byte) and the
    /// shop's own files.
    pub fn new(inline_scripts: &[&str]) -> SecurityHeaders {
        let hashes: String = inline_scripts
            .iter()
            .map(|script| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script))))
            .collect();
        let policy = [
            "default-src 'self'".to_owned(),
            format!("script-src 'self'{hashes} 'wasm-unsafe-eval'"),
            "style-src 'self'".to_owned(),
            "style-src-attr 'unsafe-inline'".to_owned(),
            "img-src 'self' https: data:".to_owned(),
            "connect-src 'self'".to_owned(),
            "object-src 'none'".to_owned(),
            "base-uri 'none'".to_owned(),
            "form-action 'self'".to_owned(),
            "frame-ancestors 'none'".to_owned(),
        ]
        .join("; ");
        let policy = HeaderValue::try_from(policy)
            .expect("a policy of ASCII directives and base64 is a header");
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

    /// These headers.
    pub fn of(headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>) -> SecurityHeaders {
        SecurityHeaders {
            headers: headers.into_iter().collect(),
        }
    }

    /// The headers, one by one.
    pub fn iter(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.headers.iter().map(|(name, value)| (name, value))
    }

    /// Adds the headers to a response with this status.
    pub fn apply(&self, status: StatusCode, headers: &mut HeaderMap) {
        if status == StatusCode::NOT_MODIFIED {
            return;
        }
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
        SecurityHeaders::new(&["alert(1)"]).apply(StatusCode::OK, &mut headers);
        let policy = headers[CONTENT_SECURITY_POLICY].to_str().expect("ascii");
        assert!(
            policy.contains("'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"),
            "{policy}"
        );
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
        SecurityHeaders::new(&[]).apply(StatusCode::NOT_MODIFIED, &mut headers);
        assert!(headers.is_empty());
    }
}
