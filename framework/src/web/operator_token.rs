//! The token of operators and of edge nodes: `Authorization: Bearer TOKEN` (RFC 6750).

use http::header::AUTHORIZATION;
use http::{HeaderMap, StatusCode};
use sha2::{Digest, Sha256};

use super::refusal::Refusal;

/// What operators have to show.
#[derive(Clone)]
pub struct OperatorToken([u8; 32]);

impl OperatorToken {
    /// A token; `None` of an empty text: then there is nothing for operators.
    pub fn new(token: &str) -> Option<OperatorToken> {
        (!token.is_empty()).then(|| OperatorToken(Sha256::digest(token).into()))
    }

    /// Whether a request shows the token; else 401.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let shown = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.as_bytes().split_at_checked(7))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer "))
            .map(|(_, token)| token.trim_ascii());
        // Digests are compared: how long that takes tells nothing about the token.
        match shown {
            Some(shown) if Sha256::digest(shown)[..] == self.0 => Ok(()),
            _ => Err(Refusal::new(
                StatusCode::UNAUTHORIZED,
                "operator_token",
                "This needs the operator’s token: Authorization: Bearer PROTIUM_OPERATOR_TOKEN.",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_itself_opens() {
        let token = OperatorToken::new("open sesame").expect("a token");
        let opens = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, value.parse().expect("a value"));
            token.check(&headers).is_ok()
        };
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
        assert!(token.check(&HeaderMap::new()).is_err());
        assert!(OperatorToken::new("").is_none());
    }
}
