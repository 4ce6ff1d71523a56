//! What hostile visitors send, and what a hostile or broken origin answers.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;

use super::{HIT, Premises, SECRET, node_command, product};
use crate::program::{Running, SOON};

/// What comes back for these bytes, until nothing more does for a while.
fn answer(server: &Running, bytes: &[u8]) -> String {
    let mut stream = server.connect();
    let pause = Some(Duration::from_millis(1000));
    stream.set_read_timeout(pause).expect("a socket");
    // It may hang up before it has read everything.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// Stands between a node and its origin. It passes on what `answer` has nothing for, and remembers
/// all requests.
struct Between {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

type Instead = fn(&str) -> Option<Vec<u8>>;

impl Between {
    fn start(origin: SocketAddr, instead: Instead) -> Between {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let all = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let seen = Arc::clone(&all);
                std::thread::spawn(move || exchange(stream, origin, instead, &seen));
            }
        });
        Between { address, seen }
    }

    fn saw(&self, words: &str) -> bool {
        let seen = self.seen.lock().expect("no panic");
        seen.iter()
            .any(|request| request.to_ascii_lowercase().contains(words))
    }
}

/// One connection with one request whose body has a length.
fn exchange(
    mut stream: TcpStream,
    origin: SocketAddr,
    instead: Instead,
    seen: &Mutex<Vec<String>>,
) {
    let _ = stream.set_read_timeout(Some(SOON));
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    let whole = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let lower = head.to_ascii_lowercase();
        let length = lower.split("content-length: ").nth(1);
        let length = length
            .and_then(|rest| rest.lines().next()?.parse().ok())
            .unwrap_or(0);
        let is_chunked = lower.contains("transfer-encoding: chunked");
        let is_whole = if is_chunked {
            body.ends_with("0\r\n\r\n")
        } else {
            body.len() >= length
        };
        is_whole.then_some(text)
    };
    let request = loop {
        if let Some(request) = whole(&bytes) {
            break request;
        }
        match stream.read(&mut part) {
            Ok(length @ 1..) => bytes.extend_from_slice(&part[..length]),
            _ => return,
        }
    };
    seen.lock().expect("no panic").push(request.clone());
    let answer = instead(&request).unwrap_or_else(|| {
        let mut origin = TcpStream::connect(origin).expect("the origin");
        let request = request.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        origin.write_all(request.as_bytes()).expect("it reads");
        let mut answer = Vec::new();
        let _ = origin.read_to_end(&mut answer);
        answer
    });
    let _ = stream.write_all(&answer);
}

/// A node with something between it and its origin.
fn behind(premises: &Premises, instead: Instead) -> (Between, Running, TempDir) {
    let data = TempDir::new().expect("a directory");
    let between = Between::start(premises.origin().address, instead);
    let mut node = node_command(between.address, &data.path().join("node"), SECRET, None);
    // Visitors are strangers, though they are on this machine.
    let node = Running::start(node.env("PROTIUM_TRUSTED_PROXIES", ""));
    premises.until("the node is ready", |_| node.get("/healthz").status == 200);
    std::thread::sleep(Duration::from_secs(1));
    (between, node, data)
}

#[test]
fn any_bytes_are_answered_or_hung_up_on() {
    crate::program::wire::survives(&Premises::open().node);
}

#[test]
fn no_request_is_smuggled_past_the_node() {
    let premises = Premises::open();
    let (between, node, _data) = behind(&premises, |_| None);
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    let length = smuggled.len();
    let post = "POST /cart/add HTTP/1.1\r\nHost: shop.example\r\nContent-Type: \
                application/x-www-form-urlencoded\r\n";
    for tried in [
        format!(
            "{post}Content-Length: {length}\r\nTransfer-Encoding: \
             chunked\r\n\r\n0\r\n\r\n{smuggled}"
        ),
        format!("{post}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n{smuggled}"),
        format!("{post}Content-Length: 0\r\nContent-Length: {length}\r\n\r\n{smuggled}"),
        format!("{post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{smuggled}"),
        format!("{post}Transfer-Encoding: xchunked\r\nContent-Length: {length}\r\n\r\n{smuggled}"),
        format!("{post}Transfer-Encoding : chunked\r\nContent-Length: {length}\r\n\r\n{smuggled}"),
        format!("{post}Transfer-Encoding: chunked\r\n\r\n0;a=\"\n\"\r\n\r\n{smuggled}"),
        format!("{post}Connection: content-length\r\nContent-Length: {length}\r\n\r\n{smuggled}"),
        format!("{post}Content-Length: +{length}\r\n\r\n{smuggled}"),
        format!(
            "GET /search?q=1 HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{smuggled}"
        ),
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\rGET /smuggled HTTP/1.1\r\n\r\n".to_owned(),
        format!(
            "GET /search?q=1 HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}"
        ),
    ] {
        answer(&node, tried.as_bytes());
    }
    // The node may read a second request of its own; the origin must not see one within another.
    let seen = between.seen.lock().expect("no panic").clone();
    for request in &seen {
        let (head, body) = request.split_once("\r\n\r\n").expect("a head");
        assert!(
            !head.contains("/smuggled") || head.starts_with("GET /smuggled HTTP/1.1\r\n"),
            "{request}"
        );
        let lower = head.to_ascii_lowercase();
        let lengths =
            lower.matches("content-length:").count() + lower.matches("transfer-encoding:").count();
        assert!(lengths <= 1, "{request}");
        if lengths == 0 {
            assert!(body.is_empty(), "{request}");
        }
    }
    assert_eq!(node.get("/search?q=1").status, 200);
}

#[test]
fn a_request_that_could_be_read_in_two_ways_goes_nowhere() {
    let premises = Premises::open();
    let (between, node, _data) = behind(&premises, |_| None);
    for tried in [
        "GET /search?q=odd HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n",
        "GET /search?q=odd HTTP/1.1\r\nHost: user@a.example\r\n\r\n",
        "GET /search?q=odd HTTP/1.1\r\nHost: a.example/x\r\n\r\n",
        "GET /search?q=odd HTTP/1.1\r\n\r\n",
        "GET http://b.example/search?q=odd HTTP/1.1\r\nHost: a.example\r\n\r\n",
        "GET /odd/../search?q=odd HTTP/1.1\r\nHost: a.example\r\n\r\n",
        "GET /odd/%2e%2e/search HTTP/1.1\r\nHost: a.example\r\n\r\n",
        "GET /odd\\..\\search HTTP/1.1\r\nHost: a.example\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n",
        "CONNECT odd.example:443 HTTP/1.1\r\nHost: odd.example:443\r\n\r\n",
    ] {
        let said = answer(&node, tried.as_bytes());
        assert!(said.starts_with("HTTP/1.1 400 "), "{tried} {said}");
    }
    assert!(!between.saw("odd"));
    let circle = answer(
        &node,
        b"GET /search?q=odd HTTP/1.1\r\nHost: a\r\nVia: 1.1 Protium-eu-1\r\n\r\n",
    );
    assert!(circle.starts_with("HTTP/1.1 508 "), "{circle}");
}

#[test]
fn only_what_is_the_shops_business_reaches_it() {
    let premises = Premises::open();
    let (between, node, _data) = behind(&premises, |_| None);
    answer(
        &node,
        b"GET /search?q=heard HTTP/1.1\r\nHost: shop.example\r\nConnection: close, \
          X-Secret-Hop\r\nX-Secret-Hop: 1\r\n\
          Keep-Alive: 5\r\nProxy-Authorization: Basic eA==\r\nTE: trailers\r\nUpgrade: \
          websocket\r\n\
          X-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\nProtium-Edge: us-1\r\n\
          X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: gopher\r\n\r\n",
    );
    let seen = between.seen.lock().expect("no panic").clone();
    let heard = seen
        .iter()
        .find(|request| request.contains("q=heard"))
        .expect("it came");
    let heard = heard.to_ascii_lowercase();
    for word in [
        "x-secret-hop",
        "keep-alive: 5",
        "proxy-auth",
        "te: ",
        "upgrade",
        "evil",
        "protium-edge",
        "authorization",
    ] {
        assert!(!heard.contains(word), "{word}: {heard}");
    }
    for word in [
        "host: shop.example",
        "x-forwarded-for: 192.0.2.1, 127.0.0.1",
        "x-forwarded-proto: http\r",
        "via: 1.1 protium-eu-1",
    ] {
        assert!(heard.contains(word), "{word}: {heard}");
    }
    let large = format!(
        "POST /cart/add HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n{}",
        "x".repeat(100)
    );
    assert!(answer(&node, large.as_bytes()).starts_with("HTTP/1.1 413 "));
    let chunks = format!("100000\r\n{}\r\n", "x".repeat(1 << 20)).repeat(3);
    let large = format!(
        "POST /cart/add HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n"
    );
    let said = answer(&node, large.as_bytes());
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 4"), "{said}");
}

#[test]
fn nothing_that_a_visitor_sends_is_in_what_others_get() {
    let premises = Premises::open();
    let page = product(&premises.node);
    let poisoned = format!(
        "GET {page} HTTP/1.1\r\nHost: poison.example\r\nConnection: close\r\nX-Forwarded-Host: \
         poison.example\r\n\
         X-Original-URL: /poison\r\nX-Rewrite-URL: /poison\r\nX-HTTP-Method-Override: \
         POST\r\nAccept-Language: poison\r\n\
         User-Agent: poison\r\nCookie: protium=poison\r\nOrigin: \
         http://poison.example\r\nCache-Control: max-age=poison\r\n\
         X-Forwarded-Scheme: poison\r\nAccept-Encoding: poison, identity\r\n\r\n"
    );
    let poisoned = answer(&premises.node, poisoned.as_bytes());
    assert!(poisoned.starts_with("HTTP/1.1 200 "));
    let next = premises.node.get(&page);
    assert!(next.head.contains(HIT), "{}", next.head);
    assert!(!next.head.contains("poison") && !next.text().contains("poison"));
    assert!(super::timeless(&next) == super::timeless(&premises.origin().get(&page)));
}

#[test]
fn a_broken_page_of_the_origin_is_never_kept() {
    let premises = Premises::open();
    let instead: Instead = |request| {
        if !request.to_ascii_lowercase().contains("protium-edge:") {
            return None;
        }
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.protium.page\r\nConnection: \
                    close\r\n";
        let path = request.split(' ').nth(1)?;
        Some(match path {
            "/products/nonsense" => format!("{head}Content-Length: 8\r\n\r\nnonsense").into_bytes(),
            "/products/length" => [format!("{head}\r\n").as_bytes(), &[0xff; 64]].concat(),
            "/products/short" => format!("{head}Content-Length: 999\r\n\r\nnonsense").into_bytes(),
            "/products/large" => format!("{head}Content-Length: 99999999\r\n\r\nx").into_bytes(),
            "/products/endless" => {
                [format!("{head}\r\n").as_bytes(), &vec![b'x'; 20 << 20]].concat()
            }
            "/products/error" => b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n".to_vec(),
            "/products/html" => b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil".to_vec(),
            _ => return None,
        })
    };
    let (_between, node, _data) = behind(&premises, instead);
    for name in ["nonsense", "length", "short", "large", "endless", "error"] {
        let answer = node.get(&format!("/products/{name}"));
        assert_eq!(answer.status, 502, "{name}");
        assert!(!answer.text().contains("nonsense"));
    }
    // What is no page with holes is left to the origin, for each visitor.
    assert_eq!(node.get("/products/html").status, 404);
    assert_eq!(node.get("/").status, 200);
}

/// What the origin does instead of answering: 0 nothing, 1 it sends elsewhere, 2 it fails.
static MOOD: AtomicU8 = AtomicU8::new(0);

#[test]
fn an_origin_that_sends_elsewhere_and_then_fails_does_not_take_a_kept_page_away() {
    let premises = Premises::open();
    let page = product(&premises.node);
    let instead: Instead = |request| {
        let is_page = request.starts_with("GET /products/");
        match MOOD.load(Ordering::SeqCst) {
            1 if is_page => Some(
                b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n".to_vec(),
            ),
            2 if is_page => Some(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n".to_vec()),
            _ => None,
        }
    };
    let (_between, node, _data) = behind(&premises, instead);
    premises.until("the page is kept", |_| node.get(&page).head.contains(HIT));
    let before = node.get(&page);
    MOOD.store(1, Ordering::SeqCst);
    // Without Redis a page is asked for again after ten seconds.
    premises.until("the origin's answer is passed on", |_| {
        node.get(&page).status == 302
    });
    assert_eq!(node.get(&page).header("location"), "/elsewhere");
    MOOD.store(2, Ordering::SeqCst);
    for _ in 0..3 {
        let kept = node.get(&page);
        assert_eq!(kept.status, 200, "{}", kept.head);
        assert!(super::timeless(&kept) == super::timeless(&before));
        let chosen = node.get(&format!("{page}?utm_source=x"));
        assert_eq!(chosen.status, 200);
    }
    MOOD.store(0, Ordering::SeqCst);
    assert_eq!(node.get(&page).status, 200);
}

#[test]
fn a_module_that_is_not_the_announced_one_is_not_run() {
    let premises = Premises::open();
    let instead: Instead = |request| {
        let is_module = request.starts_with("GET /_protium/store-");
        is_module.then(|| b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil".to_vec())
    };
    let (_between, node, _data) = behind(&premises, instead);
    node.logs("it is not the one that was announced");
    let page = node.get("/");
    assert_eq!(page.status, 200);
    assert!(
        page.head
            .contains("Protium-eu-1; fwd=bypass; detail=components"),
        "{}",
        page.head
    );
}
