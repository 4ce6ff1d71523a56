//! What a node answers by itself, the shop answers in the same way.

use std::io::{Read, Write};

use super::{HIT, Premises};
use crate::http::connections::slow_and_half_closed;
use crate::program::Running;

/// The status of the answer to these bytes.
fn status(server: &Running, bytes: &str) -> String {
    let mut stream = server.connect();
    stream.write_all(bytes.as_bytes()).expect("it reads");
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer[9..]).into_owned()
}

#[test]
fn shop_and_node_refuse_the_same_requests() {
    let premises = Premises::open();
    let host = "Host: shop.example\r\n";
    for (request, expected) in [
        (
            format!("GET / HTTP/1.1\r\n{host}Accept-Encoding: identity;q=0\r\n\r\n"),
            "406",
        ),
        (
            format!("GET / HTTP/1.1\r\n{host}Accept-Encoding: gzip, identity;q=0\r\n\r\n"),
            "200",
        ),
        (
            format!("GET /search?q=a HTTP/1.1\r\n{host}Accept-Encoding: *;q=0\r\n\r\n"),
            "406",
        ),
        (
            format!(
                "GET /static/theme.css HTTP/1.1\r\n{host}Accept-Encoding: identity;q=0\r\n\r\n"
            ),
            "406",
        ),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/1.0\r\n\r\n".to_owned(), "200"),
        (
            format!("GET / HTTP/1.1\r\n{host}Host: b.example\r\n\r\n"),
            "400",
        ),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n".to_owned(), "400"),
        (
            format!("GET http://b.example/ HTTP/1.1\r\n{host}\r\n"),
            "400",
        ),
        (format!("OPTIONS * HTTP/1.1\r\n{host}\r\n"), "400"),
        (format!("GET /?x=%FF HTTP/1.1\r\n{host}\r\n"), "200"),
        (
            format!("GET / HTTP/1.1\r\n{host}Range: bytes=0-1\r\n\r\n"),
            "200",
        ),
        (
            format!("GET / HTTP/1.1\r\n{host}Authorization: Basic eA==\r\n\r\n"),
            "200",
        ),
        (format!("GET /collections/ HTTP/1.1\r\n{host}\r\n"), "301"),
        (
            format!("GET /Collections/All HTTP/1.1\r\n{host}\r\n"),
            "301",
        ),
    ] {
        for (name, server) in [("shop", premises.origin()), ("node", &premises.node)] {
            assert_eq!(status(server, &request), expected, "{name}: {request}");
        }
    }
}

#[test]
fn a_page_of_a_node_has_the_address_of_whoever_asks() {
    let premises = Premises::open();
    for host in ["shop.example", "evil.example", "shop.example"] {
        let page = premises.node.sends(
            &format!("GET / HTTP/1.1\r\nAccept: text/html\r\nX-Forwarded-Host: {host}\r\n"),
            "",
        );
        assert!(page.head.contains(HIT), "{}", page.head);
        let link = format!("<link rel=\"canonical\" href=\"http://{host}/\">");
        assert!(page.text().contains(&link), "{}", page.text());
        // What is passed on is the shop's, for the same host.
        let cart = premises.node.sends(
            &format!(
                "GET /search?q=a HTTP/1.1\r\nAccept: text/html\r\nX-Forwarded-Host: {host}\r\n"
            ),
            "",
        );
        let link = format!("<link rel=\"canonical\" href=\"http://{host}/search\">");
        assert!(cart.text().contains(&link), "{}", cart.text());
    }
}

#[test]
fn slow_and_half_closed_clients_of_a_node_are_answered_like_those_of_a_shop() {
    slow_and_half_closed(&Premises::open().node);
}
