//! Headers of proxies in front of the shop: who sent a request, and which scheme and host the
//! visitor used.
//!
//! `X-Forwarded-For`, `X-Forwarded-Host` and `Forwarded` (RFC 7239) count only from trusted
//! proxies. Each proxy appends at the right, so lists are read from there: entries to the left of
//! the first untrusted address may be forged.

use std::net::IpAddr;
use std::sync::Arc;

use http::header::{FORWARDED, HOST};
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use ipnet::IpNet;

/// Who sent the request.
pub const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// The host that the visitor requested.
pub const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
/// The scheme that the visitor used, `http` or `https`.
pub const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The most entries of a list that are read.
const MAX_ENTRIES: usize = 32;
/// The longest host with its port, in bytes.
const MAX_HOST: usize = 260;

/// The networks of trusted proxies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    /// Parses networks (`10.0.0.0/8`) and addresses (`192.0.2.1`); an error names an invalid one.
    pub fn parse(networks: &[String]) -> Result<TrustedProxies, String> {
        let networks = networks.iter().map(|text| {
            let network = text.parse::<IpNet>().ok();
            let network = network.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
            network.ok_or_else(|| {
                format!(
                    "`{text}` is no network such as 10.0.0.0/8, and no address such as 192.0.2.1"
                )
            })
        });
        Ok(TrustedProxies(networks.collect::<Result<_, _>>()?))
    }

    /// Whether this address is a trusted proxy's.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Scheme and host by which the visitor of a request reached the shop. The host is in lower case,
/// and needs no escaping in a page.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PublicAddress {
    /// `https` rather than `http`.
    pub is_https: bool,
    /// With the port, if it has one.
    pub host: HeaderValue,
}

impl PublicAddress {
    /// `https://shop.example`, without a trailing slash.
    pub fn url(&self) -> String {
        let scheme = if self.is_https { "https" } else { "http" };
        format!("{scheme}://{}", self.host())
    }

    /// The host with its port.
    pub fn host(&self) -> &str {
        self.host.to_str().unwrap_or_default()
    }
}

/// What a request and trusted proxies say about its client. In the request's extensions.
#[derive(Clone, Debug, Default)]
pub struct Forwarded {
    /// The visitor's address; `None` within the process.
    pub client: Option<IpAddr>,
    /// Whether the visitor used https, at least to the first proxy.
    pub is_https: bool,
    /// The host that the visitor requested; `None` if the request has none.
    pub host: Option<HeaderValue>,
}

impl Forwarded {
    /// Reads a request from `peer` (`None`: from within the process). `is_trusted`: whether the
    /// peer is one of the shop's own nodes.
    pub fn read(
        trusted: &TrustedProxies,
        peer: Option<IpAddr>,
        is_trusted: bool,
        headers: &HeaderMap,
        uri: &Uri,
    ) -> Forwarded {
        let is_trusted = is_trusted || peer.is_none_or(|peer| trusted.contains(peer));
        let proxy_headers = match is_trusted {
            true => ProxyHeaders::read(headers),
            false => ProxyHeaders::default(),
        };
        let (client, proxies) = client(trusted, peer, is_trusted, proxy_headers.clients());
        let is_https = is_https(headers);
        let host = match proxy_headers.host(proxies) {
            Some(host) => plain_host(&host),
            None => own_host(headers, uri),
        };
        Forwarded {
            client,
            is_https,
            host,
        }
    }

    /// The address that the visitor sees, if the request has a host.
    pub fn address(&self) -> Option<PublicAddress> {
        Some(PublicAddress {
            is_https: self.is_https,
            host: self.host.clone()?,
        })
    }
}

/// Whether the visitor uses https, by `X-Forwarded-Proto` or else `Forwarded`. This counts from
/// anybody: it only affects the visitor's own cookie and links.
pub fn is_https(headers: &HeaderMap) -> bool {
    let proto = match headers.get(FORWARDED_PROTO) {
        Some(protos) => protos
            .to_str()
            .ok()
            .and_then(|text| text.split(',').next())
            .map(str::to_owned),
        None => pairs(headers).find_map(|(name, value)| (name == "proto").then_some(value)),
    };
    proto.is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"))
}

/// The names, in lower case, and values of `Forwarded`.
fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (String, String)> {
    let elements = split_all(headers, &FORWARDED).into_iter();
    elements
        .flat_map(|element| split(&element, ';'))
        .filter_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            Some((name.trim().to_ascii_lowercase(), unquoted(value.trim())))
        })
}

/// The headers of proxies, each list in its order.
#[derive(Debug, Default)]
struct ProxyHeaders {
    /// `X-Forwarded-For`, then `for` of `Forwarded`.
    clients: [Vec<String>; 2],
    /// `X-Forwarded-Host`, then `host` of `Forwarded`.
    hosts: [Vec<String>; 2],
}

impl ProxyHeaders {
    fn read(headers: &HeaderMap) -> ProxyHeaders {
        let mut read = ProxyHeaders {
            clients: [list(headers, &FORWARDED_FOR), Vec::new()],
            hosts: [list(headers, &FORWARDED_HOST), Vec::new()],
        };
        for (name, value) in pairs(headers) {
            match name.as_str() {
                "for" => read.clients[1].push(value),
                "host" => read.hosts[1].push(value),
                _ => {}
            }
        }
        read
    }

    /// The list of clients. If both headers are present, the proxy wrote only one of them, and the
    /// other may be the visitor's.
    fn clients(&self) -> &[String] {
        match &self.clients {
            [one, other] if other.is_empty() => one,
            [one, other] if one.is_empty() => other,
            _ => &[],
        }
    }

    /// The host that the outermost of `proxies` proxies was asked for; `None` if the two headers
    /// differ.
    fn host(&self, proxies: usize) -> Option<String> {
        let outermost = |hosts: &[String]| {
            let from_the_right = hosts.len().checked_sub(proxies.max(1));
            hosts.get(from_the_right.unwrap_or(0)).cloned()
        };
        let [one, other] = &self.hosts;
        match (outermost(one), outermost(other)) {
            (Some(one), Some(other)) if !one.eq_ignore_ascii_case(&other) => None,
            (one, other) => one.or(other),
        }
    }
}

/// The visitor's address, and the number of trusted proxies that passed the request on: each of
/// them recorded the address before it.
fn client(
    trusted: &TrustedProxies,
    peer: Option<IpAddr>,
    is_trusted: bool,
    clients: &[String],
) -> (Option<IpAddr>, usize) {
    let mut client = peer;
    let mut is_proxy = is_trusted;
    let mut proxies = 0;
    for before in clients.iter().rev() {
        if !is_proxy {
            break;
        }
        proxies += 1;
        // A name such as `unknown` hides the address.
        let Some(address) = address(before) else {
            break;
        };
        client = Some(address);
        is_proxy = trusted.contains(address);
    }
    (client, proxies)
}

/// Parses an address in a list of clients, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[');
    let parsed = bare.split(']').next().and_then(|text| text.parse().ok());
    parsed
        .or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|it| it.ip()))
        .map(|address: IpAddr| address.to_canonical())
}

/// The host in the request itself.
fn own_host(headers: &HeaderMap, uri: &Uri) -> Option<HeaderValue> {
    // RFC 9112, section 3.2.2: the host of the target takes precedence.
    if let Some(authority) = uri.authority() {
        return plain_host(authority.as_str());
    }
    let host = headers.get(HOST)?;
    let text = host.to_str().ok()?;
    if is_plain(text) && !text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Some(host.clone());
    }
    plain_host(text)
}

fn plain_host(text: &str) -> Option<HeaderValue> {
    is_plain(text)
        .then(|| HeaderValue::try_from(text.to_ascii_lowercase()).ok())
        .flatten()
}

/// Whether a text is a host, with or without a port, and needs no escaping in a page.
pub(crate) fn is_plain(text: &str) -> bool {
    let is_of_a_name =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let is_name = |text: &str| !text.is_empty() && text.bytes().all(is_of_a_name);
    let is_port =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok();
    if text.len() > MAX_HOST {
        return false;
    }
    match text.split_once(':') {
        None => is_name(text),
        Some((name, port)) if is_name(name) => is_port(port),
        Some(_) => is_address_in_brackets(text),
    }
}

/// An IPv6 address as a host: `[2001:db8::1]:8080`.
fn is_address_in_brackets(text: &str) -> bool {
    let is_of_an_address =
        |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.' | b'[' | b']');
    text.starts_with('[')
        && text.bytes().all(is_of_an_address)
        && text.parse::<Authority>().is_ok_and(|authority| {
            let host = authority.host();
            host.len() == text.len() || authority.port_u16().is_some()
        })
}

/// All values of a list, over all lines of the header.
fn list(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    split_all(headers, name)
        .into_iter()
        .filter(|value| !value.is_empty())
        .collect()
}

fn split_all(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let values = headers.get_all(name).iter();
    let mut all: Vec<String> = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| split(value, ','))
        .collect();
    // The last ones: they were appended by the nearest proxies.
    let surplus = all.len().saturating_sub(MAX_ENTRIES);
    all.drain(..surplus);
    all
}

/// Splits at a separator outside of quotes.
fn split(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut is_quoted, mut is_escaped) = (false, false);
    for c in text.chars() {
        if c == separator && !is_quoted {
            parts.push(String::new());
            continue;
        }
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
        .into_iter()
        .map(|part| part.trim().to_owned())
        .collect()
}

/// A value without its quotes.
fn unquoted(value: &str) -> String {
    let Some(inner) = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    else {
        return value.to_owned();
    };
    let mut text = String::with_capacity(inner.len());
    let mut is_escaped = false;
    for c in inner.chars() {
        if c == '\\' && !is_escaped {
            is_escaped = true;
        } else {
            is_escaped = false;
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;
    use proptest::prelude::*;

    fn read(trusted: &[&str], peer: &str, headers: &[(&str, &str)]) -> Forwarded {
        let networks: Vec<String> = trusted.iter().map(|text| (*text).to_owned()).collect();
        let trusted = TrustedProxies::parse(&networks).expect("networks");
        let mut request = Request::builder().uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        let peer = Some(peer.parse().expect("an address"));
        Forwarded::read(&trusted, peer, false, &parts.headers, &parts.uri)
    }

    fn host(read: &Forwarded) -> &str {
        let host = read.host.as_ref();
        host.and_then(|host| host.to_str().ok()).unwrap_or_default()
    }

    #[test]
    fn a_scheme_counts_in_any_case_and_as_the_first_of_a_list() {
        for (value, is_https) in [
            ("https", true),
            ("HTTPS", true),
            ("Https, http", true),
            (" https ,http", true),
            ("http", false),
            ("http, https", false),
            ("", false),
            ("httpsx", false),
        ] {
            let read = read(&[], "192.0.2.1", &[("x-forwarded-proto", value)]);
            assert_eq!(read.is_https, is_https, "{value}");
        }
        let forwarded = [("forwarded", "for=1.2.3.4;Proto=HTTPS;by=203.0.113.43")];
        assert!(read(&["10.0.0.0/8"], "10.0.0.1", &forwarded).is_https);
    }

    #[test]
    fn only_a_trusted_proxy_says_host_and_client() {
        let headers = [
            ("host", "127.0.0.1:3000"),
            ("x-forwarded-host", "Shop.Example"),
            ("x-forwarded-for", "198.51.100.7"),
        ];
        let from_a_proxy = read(&["10.0.0.0/8"], "10.0.0.1", &headers);
        assert_eq!(host(&from_a_proxy), "shop.example");
        assert_eq!(from_a_proxy.client, "198.51.100.7".parse().ok());
        let from_a_stranger = read(&["10.0.0.0/8"], "192.0.2.9", &headers);
        assert_eq!(host(&from_a_stranger), "127.0.0.1:3000");
        assert_eq!(from_a_stranger.client, "192.0.2.9".parse().ok());
    }

    #[test]
    fn the_standard_header_says_the_same() {
        let headers = [
            ("host", "backend"),
            (
                "forwarded",
                "for=\"[2001:db8::1]:4711\";proto=https;host=\"shop.example:8443\"",
            ),
        ];
        let read = read(&["10.0.0.1"], "::ffff:10.0.0.1", &headers);
        assert_eq!(host(&read), "shop.example:8443");
        assert_eq!(read.client, "2001:db8::1".parse().ok());
        assert_eq!(
            read.address().map(|address| address.url()).as_deref(),
            Some("https://shop.example:8443")
        );
    }

    #[test]
    fn what_a_visitor_says_stands_further_left_than_what_proxies_add() {
        let headers = [
            ("host", "backend"),
            ("x-forwarded-host", "evil.example, shop.example"),
            ("x-forwarded-for", "127.0.0.1, 198.51.100.7"),
        ];
        let one = read(&["10.0.0.0/8"], "10.0.0.1", &headers);
        assert_eq!(host(&one), "shop.example");
        assert_eq!(one.client, "198.51.100.7".parse().ok());
        let headers = [
            ("host", "backend"),
            (
                "x-forwarded-host",
                "evil.example, shop.example, cdn.internal",
            ),
            ("x-forwarded-for", "127.0.0.1, 198.51.100.7, 10.0.0.2"),
        ];
        let two = read(&["10.0.0.0/8"], "10.0.0.1", &headers);
        assert_eq!(host(&two), "shop.example");
        assert_eq!(two.client, "198.51.100.7".parse().ok());
    }

    #[test]
    fn headers_that_contradict_each_other_are_not_believed() {
        let headers = [
            ("host", "shop.example"),
            ("x-forwarded-host", "shop.example"),
            ("forwarded", "host=evil.example;for=127.0.0.1"),
            ("x-forwarded-for", "198.51.100.7"),
        ];
        let read = read(&["10.0.0.0/8"], "10.0.0.1", &headers);
        assert_eq!(host(&read), "shop.example");
        assert_eq!(read.client, "10.0.0.1".parse().ok());
    }

    #[test]
    fn what_is_no_host_is_none() {
        for value in [
            "", "a b", "a/b", "user@a", "a\"b", "<b>", "a,b", "é", ":80", "a:b:c", "a:b",
            "a:99999", "a:",
        ] {
            let read = read(&[], "192.0.2.1", &[("host", value)]);
            assert_eq!(read.host, None, "{value}");
        }
        for value in ["shop.example", "a_b:80", "[::1]:3000", "192.0.2.1"] {
            assert_eq!(host(&read(&[], "192.0.2.1", &[("host", value)])), value);
        }
    }

    #[test]
    fn what_is_no_network_is_named() {
        let wrong = TrustedProxies::parse(&["10.0.0.0/33".to_owned()]).expect_err("no network");
        assert!(wrong.contains("`10.0.0.0/33`"), "{wrong}");
    }

    proptest! {
        #[test]
        fn whatever_is_said_a_host_is_fit_for_a_page(
            forwarded in "[ -~]{0,80}", host in "[ -~]{0,60}", by in "[ -~]{0,60}",
        ) {
            let headers = [("forwarded", &*forwarded), ("host", &host), ("x-forwarded-host", &by)];
            let read = read(&["192.0.2.1"], "192.0.2.1", &headers);
            if let Some(address) = read.address() {
                let url = address.url();
                prop_assert!(
                    !url.contains(
                        ['"', '<', '>', '&', '\'', ' ', '/', '@']
                    ) || url.matches('/').count() == 2
                );
                prop_assert!(url.parse::<Uri>().is_ok(), "{}", url);
            }
        }
    }
}
