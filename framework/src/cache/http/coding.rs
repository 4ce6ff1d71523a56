//! Which content coding a visitor takes.

use http::header::ACCEPT_ENCODING;
use http::{HeaderMap, HeaderValue};

/// A content coding that bodies are stored in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// The bytes as they are.
    Identity,
    /// `gzip`.
    Gzip,
    /// `br`.
    Brotli,
}

impl Coding {
    /// The best that the visitor takes: brotli, then gzip.
    pub fn wanted(headers: &HeaderMap) -> Coding {
        let mut brotli = None;
        let mut gzip = None;
        let mut any = None;
        let items = headers
            .get_all(ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','));
        for item in items {
            let (name, params) = item.split_once(';').unwrap_or((item, ""));
            let weight = params
                .split(';')
                .filter_map(|param| param.trim().split_once('='))
                .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
                .map_or(Some(1.0), |(_, weight)| weight.trim().parse::<f32>().ok());
            let is_taken = weight.is_some_and(|weight| weight > 0.0);
            match name.trim().to_ascii_lowercase().as_str() {
                "br" => brotli = Some(is_taken),
                "gzip" | "x-gzip" => gzip = Some(is_taken),
                "*" => any = Some(is_taken),
                _ => {}
            }
        }
        let is_taken = |named: Option<bool>| named.or(any).unwrap_or(false);
        if is_taken(brotli) {
            Coding::Brotli
        } else if is_taken(gzip) {
            Coding::Gzip
        } else {
            Coding::Identity
        }
    }

    /// The value of `Content-Encoding`; none for bytes as they are.
    pub fn header(self) -> Option<HeaderValue> {
        match self {
            Coding::Identity => None,
            Coding::Gzip => Some(HeaderValue::from_static("gzip")),
            Coding::Brotli => Some(HeaderValue::from_static("br")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_coding_that_is_taken_is_chosen() {
        for (accept, coding) in [
            ("", Coding::Identity),
            ("gzip, deflate, br, zstd", Coding::Brotli),
            ("gzip, deflate", Coding::Gzip),
            ("br;q=0, gzip;q=0.5", Coding::Gzip),
            ("br; Q=0, *", Coding::Gzip),
            ("*", Coding::Brotli),
            ("*;q=0, gzip", Coding::Gzip),
            ("BR", Coding::Brotli),
            ("identity", Coding::Identity),
            ("br;q=x", Coding::Identity),
            ("brotli", Coding::Identity),
        ] {
            let headers = HeaderMap::from_iter([(
                ACCEPT_ENCODING,
                HeaderValue::from_str(accept).expect("a header"),
            )]);
            assert_eq!(Coding::wanted(&headers), coding, "{accept}");
        }
        assert_eq!(Coding::wanted(&HeaderMap::new()), Coding::Identity);
    }
}
