//! What arrives over a connection before it is a request: the program answers or hangs up, and goes
//! on.

use std::io::{Read, Write};
use std::net::Shutdown;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{Running, example};

/// Sends bytes, and nothing after them, and reads all that comes back.
fn answer(running: &Running, bytes: &[u8]) -> Vec<u8> {
    let mut stream = running.connect();
    // It may hang up before it has read everything.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut part) {
        answer.extend(part.iter().take(length));
    }
    answer
}

fn request() -> impl Strategy<Value = Vec<u8>> {
    let line = prop::sample::select(vec![
        "GET / HTTP/1.1\r\n",
        "GET http://shop.example/ HTTP/1.1\r\n",
        "POST /cart/add HTTP/1.1\r\n",
        "CONNECT shop.example:443 HTTP/1.1\r\n",
        "OPTIONS * HTTP/1.1\r\n",
        "GET / HTTP/1.0\r\n",
        "GET / HTTP/9.9\r\n",
        "PRI * HTTP/2.0\r\n",
        "\r\n\r\n",
    ]);
    let header = prop::sample::select(vec![
        "Host: shop.example\r\n",
        "Host: a\r\nHost: b\r\n",
        "Content-Length: 5\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked, gzip\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\n",
        "Connection: upgrade\r\nUpgrade: websocket\r\n",
        "Expect: 100-continue\r\n",
        "Expect: 200-ok\r\n",
        " folded: x\r\n",
        "No colon\r\n",
    ]);
    let body = prop_oneof![
        Just(b"\r\n".to_vec()),
        Just(b"\r\nline=1".to_vec()),
        Just(b"\r\nffffffffffffffff\r\nx".to_vec()),
        Just(b"\r\n-1\r\nx".to_vec()),
        prop::collection::vec(any::<u8>(), 0..300),
    ];
    let whole =
        (line, prop::collection::vec(header, 0..5), body).prop_map(|(line, headers, body)| {
            let mut bytes = line.as_bytes().to_vec();
            headers
                .iter()
                .for_each(|header| bytes.extend(header.as_bytes()));
            bytes.extend(body);
            bytes
        });
    prop_oneof![3 => whole, 1 => prop::collection::vec(any::<u8>(), 0..2000)]
}

#[test]
fn any_bytes_are_answered_or_hung_up_on() {
    let data = tempfile::tempdir().expect("a directory");
    survives(&Running::start(&mut example(data.path())));
}

/// Sends a server whatever bytes there are.
pub fn survives(running: &Running) {
    let cases = if tests::long() { 4000 } else { 200 };
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&request(), |bytes| {
        let answer = answer(running, &bytes);
        if !answer.is_empty() {
            let status = answer.strip_prefix(b"HTTP/1.").and_then(|rest| rest.get(2));
            let text = String::from_utf8_lossy(&answer);
            prop_assert!(
                status.is_some_and(|kind| (b'1'..=b'4').contains(kind)),
                "{text}"
            );
        }
        Ok(())
    });
    result.expect("no request is answered with a 5xx");
    assert_eq!(running.get("/").status, 200);
    let head = [b"GET / HTTP/1.1\r\nX: ".to_vec(), vec![b'x'; 1 << 20]].concat();
    assert!(answer(running, &head).starts_with(b"HTTP/1.1 431 "));
    assert_eq!(running.get("/").status, 200);
}
