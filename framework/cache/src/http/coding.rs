//! Content codings that a client accepts.

use http::header::ACCEPT_ENCODING;
use http::{HeaderMap, HeaderValue};

use super::list::list;

/// A content coding that bodies are stored in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coding {
    /// Uncompressed.
    Identity,
    /// `gzip`.
    Gzip,
    /// `br`.
    Brotli,
}

/// The content codings that a client accepts (RFC 9110, section 12.5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// `br`.
    pub brotli: bool,
    /// `gzip`.
    pub gzip: bool,
    /// Uncompressed bytes: accepted unless they are ruled out.
    pub identity: bool,
}

impl Accepted {
    /// Parses `Accept-Encoding`.
    pub fn of(headers: &HeaderMap) -> Accepted {
        let mut brotli = None;
        let mut gzip = None;
        let mut identity = None;
        let mut any = None;
        for item in list(headers, &ACCEPT_ENCODING) {
            let (name, params) = item.split_once(';').unwrap_or((item, ""));
            let weight = params
                .split(';')
                .filter_map(|param| param.trim().split_once('='))
                .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
                .map_or(Some(1.0), |(_, weight)| weight.trim().parse::<f32>().ok());
            let is_taken = weight.is_some_and(|weight| weight > 0.0);
            let is = |coding: &str| name.trim().eq_ignore_ascii_case(coding);
            if is("br") {
                brotli = Some(is_taken);
            } else if is("gzip") || is("x-gzip") {
                gzip = Some(is_taken);
            } else if is("identity") {
                identity = Some(weight.is_none() || is_taken);
            } else if is("*") {
                any = Some(is_taken);
            }
        }
        Accepted {
            brotli: brotli.or(any).unwrap_or(false),
            gzip: gzip.or(any).unwrap_or(false),
            identity: identity.or(any).unwrap_or(true),
        }
    }

    /// The codings that are accepted, the best first: brotli, then gzip, then uncompressed.
    pub fn codings(self) -> impl Iterator<Item = Coding> {
        let all = [
            (self.brotli, Coding::Brotli),
            (self.gzip, Coding::Gzip),
            (self.identity, Coding::Identity),
        ];
        let accepted = all.into_iter().filter(|(is_accepted, _)| *is_accepted);
        accepted.map(|(_, coding)| coding)
    }

    /// The best coding; `None` if no available one is accepted.
    pub fn best(self) -> Option<Coding> {
        self.codings().next()
    }
}

impl Coding {
    /// The best accepted coding; uncompressed if none is.
    pub fn wanted(headers: &HeaderMap) -> Coding {
        Accepted::of(headers).best().unwrap_or(Coding::Identity)
    }

    /// Its name in HTTP.
    pub const fn name(self) -> &'static str {
        match self {
            Coding::Identity => "identity",
            Coding::Gzip => "gzip",
            Coding::Brotli => "br",
        }
    }

    /// The value of `Content-Encoding`; `None` for uncompressed bytes.
    pub fn header(self) -> Option<HeaderValue> {
        (self != Coding::Identity).then(|| HeaderValue::from_static(self.name()))
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

    #[test]
    fn who_takes_no_coding_and_no_plain_bytes_takes_nothing() {
        for (accept, coding) in [
            ("identity;q=0", None),
            ("*;q=0", None),
            ("identity;q=0.000, br;q=0", None),
            ("deflate, *;q=0", None),
            ("gzip, identity;q=0", Some(Coding::Gzip)),
            ("identity;q=0, *", Some(Coding::Brotli)),
            ("identity, *;q=0", Some(Coding::Identity)),
            ("gzip;q=0", Some(Coding::Identity)),
            ("identity;q=x", Some(Coding::Identity)),
        ] {
            let headers = HeaderMap::from_iter([(
                ACCEPT_ENCODING,
                HeaderValue::from_str(accept).expect("a header"),
            )]);
            assert_eq!(Accepted::of(&headers).best(), coding, "{accept}");
        }
    }
}
