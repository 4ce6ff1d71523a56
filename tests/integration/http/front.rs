//! Pages in memory are answered in front of the router. A query that means nothing, as of a
//! newsletter, has the router asked: its answer is the same.

use super::serve;
use crate::program::{Answer, Running};

/// The headers of an answer, but those that depend on the moment.
fn headers(answer: &Answer) -> Vec<String> {
    let lines = answer.head.lines().skip(1).filter(|line| !line.is_empty());
    let mut headers: Vec<String> = lines.map(str::to_ascii_lowercase).collect();
    headers.retain(|line| {
        let moment = ["age:", "cache-status:", "date:"];
        !moment.iter().any(|name| line.starts_with(name))
    });
    headers.sort();
    headers
}

fn ask(running: &Running, target: &str, headers: &str) -> Answer {
    running.sends(&format!("GET {target} HTTP/1.1\r\n{headers}"), "")
}

/// The answer in front of the router, after those that make the page and the visitor's part of it.
#[track_caller]
fn in_front_and_behind(running: &Running, path: &str, headers_sent: &str) -> Answer {
    for _ in 0..2 {
        ask(running, path, headers_sent);
    }
    let front = ask(running, path, headers_sent);
    let behind = ask(running, &format!("{path}?utm_source=mail"), headers_sent);
    for answer in [&front, &behind] {
        let status = answer.header("cache-status");
        assert!(status.starts_with("Protium; hit; ttl="), "{path}: {status}");
    }
    assert_eq!(front.status, behind.status, "{path} {headers_sent}");
    assert_eq!(headers(&front), headers(&behind), "{path} {headers_sent}");
    assert!(front.body == behind.body, "{path} {headers_sent}");
    front
}

#[test]
fn a_page_in_memory_is_answered_in_front_of_the_router_as_behind_it() {
    // Answers that come ahead of requests purge pages.
    let (running, _data) = serve(&[("PROTIUM_PREWARM_ENABLED", "off")]);
    let list = running.get("/collections/all").text();
    let after = |text: &str| {
        let rest = list.split_once(text).map(|(_, rest)| rest);
        let value = rest.and_then(|rest| rest.split('"').next());
        value.expect("a product to buy").to_owned()
    };
    let product = format!("/products/{}", after("href=\"/products/"));
    let variant = after("name=\"variant_id\" value=\"");
    let form = "POST /cart/add HTTP/1.1\r\nSec-Fetch-Site: same-origin\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n";
    let added = running.sends(form, &format!("variant_id={variant}&quantity=2"));
    let cookie = added.header("set-cookie").split(';').next();
    let cookie = format!("Cookie: {}\r\n", cookie.expect("a cart"));
    for path in ["/", "/collections/all", &product] {
        for coding in ["", "Accept-Encoding: gzip\r\n", "Accept-Encoding: br\r\n"] {
            let page = in_front_and_behind(&running, path, coding);
            assert_eq!(page.header("cache-control"), "public, no-cache");
            assert!(!page.header("content-security-policy").is_empty());
            assert_eq!(page.header("content-length"), page.body.len().to_string());
            let page = in_front_and_behind(&running, path, &format!("{coding}{cookie}"));
            assert_eq!(page.header("cache-control"), "private, no-cache");
            assert!(page.head.contains("\r\nvary: cookie\r\n"), "{}", page.head);
            let known = format!("{coding}{cookie}If-None-Match: {}\r\n", page.header("etag"));
            let page = in_front_and_behind(&running, path, &known);
            assert_eq!((page.status, page.body.len()), (304, 0));
        }
    }
}

#[test]
fn what_is_wrong_with_a_request_is_said_though_its_page_is_in_memory() {
    // Answers that come ahead of requests purge pages.
    let (running, _data) = serve(&[("PROTIUM_PREWARM_ENABLED", "off")]);
    for path in ["/", "/collections/all"] {
        assert_eq!(in_front_and_behind(&running, path, "").status, 200);
    }
    assert_eq!(ask(&running, "/%63ollections/all", "").status, 404);
    let long = format!("X-Long: {}\r\n", "x".repeat(33 * 1024));
    for (headers, status) in [
        ("Host: another.example\r\n", 400),
        ("Accept-Encoding: identity;q=0\r\n", 406),
        (&*long, 431),
    ] {
        let answer = ask(&running, "/", headers);
        assert_eq!(answer.status, status, "{headers:.40}");
        assert!(!answer.header("content-security-policy").is_empty());
    }
}
