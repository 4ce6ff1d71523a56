//! The token of operators and of edge nodes: `Authorization: Bearer TOKEN` (RFC 6750).

use std::net::IpAddr;
use std::time::{Duration, Instant};

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, StatusCode};
use sha2::{Digest, Sha256};

use crate::http::error::HttpError;
use protium_types::LogQuota;

/// The delay of the response to a wrong token.
const DELAY: Duration = Duration::from_millis(500);
/// Limits log lines about wrong tokens.
static WRONG: LogQuota = LogQuota::new();

/// What operators have to send.
#[derive(Clone)]
pub struct OperatorToken([u8; 32]);

impl OperatorToken {
    /// A token; `None` for an empty text: then operators have no access.
    pub fn new(token: &str) -> Option<OperatorToken> {
        (!token.is_empty()).then(|| OperatorToken(Sha256::digest(token).into()))
    }

    /// Whether a request has the token; otherwise 401. A wrong one is logged, and answered after a
    /// delay. `client` is the sender.
    pub async fn check(
        &self,
        headers: &HeaderMap,
        client: Option<IpAddr>,
    ) -> Result<(), HttpError> {
        let shown = headers.get(AUTHORIZATION);
        if shown.is_some_and(|shown| self.is(shown)) {
            return Ok(());
        }
        if shown.is_some() {
            wrong(client).await;
        }
        Err(HttpError::new(
            StatusCode::UNAUTHORIZED,
            "operator_token",
            "This needs the operator’s token: Authorization: Bearer PROTIUM_OPERATOR_TOKEN.",
        ))
    }

    /// Whether a header has the token, as `Bearer TOKEN`.
    pub fn is(&self, shown: &HeaderValue) -> bool {
        let shown = shown.as_bytes().split_at_checked(7);
        let shown = shown.filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer "));
        // Comparing digests takes the same time whatever the token is.
        shown.is_some_and(|(_, token)| Sha256::digest(token.trim_ascii())[..] == self.0)
    }
}

/// Logs a wrong token, and delays the response to slow down guessing.
pub async fn wrong(client: Option<IpAddr>) {
    if let Some(suppressed) = WRONG.admit(Instant::now()) {
        let client = client.map(|client| client.to_string());
        let client = client.as_deref().unwrap_or("this process");
        tracing::warn!(client, suppressed, "a wrong operator token was sent");
    }
    tokio::time::sleep(DELAY).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wrong_token_is_answered_late_and_the_right_one_at_once() {
        let token = OperatorToken::new("open sesame").expect("a token");
        let headers = |value: &'static str| {
            HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(value))])
        };
        // What is answered at once is ready at the first look.
        let now = std::future::ready(());
        let right = headers("Bearer open sesame");
        tokio::select! {
            biased;
            right = token.check(&right, None) => assert!(right.is_ok()),
            () = now => panic!("the operator had to wait"),
        }
        assert!(token.check(&HeaderMap::new(), None).await.is_err());
        let began = Instant::now();
        let wrong = token.check(&headers("Bearer open"), None).await;
        assert!(wrong.is_err() && began.elapsed() >= DELAY);
    }

    #[test]
    fn only_the_token_itself_opens() {
        let token = OperatorToken::new("open sesame").expect("a token");
        let opens = |value: &str| token.is(&value.parse().expect("a value"));
        assert!(opens("Bearer open sesame"));
        assert!(opens("bearer  open sesame"));
        for wrong in [
            "Bearer open sesam",
            "Bearer",
            "Bearer ",
            "Basic open sesame",
            "open sesame",
        ] {
            assert!(!opens(wrong), "{wrong}");
        }
        assert!(OperatorToken::new("").is_none());
    }
}
