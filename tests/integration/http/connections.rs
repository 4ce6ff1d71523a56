//! Clients that are slow, many, or half gone.

use std::io::{Error, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use super::{after, command, connect_from, exchange, serve};
use crate::program::{Answer, Running, SOON};

/// The beginning of a head that does not end.
const GET_LINES: &[u8] = b"GET / HTTP/1.1\r\nHost: shop.example\r\n";
const GET: &str = "GET /healthz HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n";

fn limited(before: &str, vars: &[(&str, &str)]) -> (Running, tempfile::TempDir) {
    let data = tempfile::TempDir::new().expect("a directory");
    let command = command(&data.path().join("data"), vars);
    (Running::start(&mut after(&command, before)), data)
}

/// The soft limit of open files that a process has.
fn open_files(running: &Running) -> u64 {
    let path = format!("/proc/{}/limits", running.process.0.id());
    let limits = std::fs::read_to_string(path).expect("limits");
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().nth(3)?.parse().ok());
    soft.expect("a limit")
}

#[test]
fn the_soft_limit_of_open_files_is_raised() {
    let (running, _data) = limited("ulimit -Sn 256", &[]);
    running.logs("connections at the same time");
    assert!(open_files(&running) >= 4_096, "{}", open_files(&running));
}

#[test]
fn a_start_with_few_files_says_so_and_slow_clients_give_way() {
    let (running, _data) = limited("ulimit -n 256", &[]);
    let line = running.logs("there can be fewer connections than 4096");
    let log: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(
        (log["connections"].as_u64(), log["open_files"].as_u64()),
        (Some(128), Some(256))
    );
    assert_eq!(running.get("/").status, 200);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    // Three times as many as there is room for: heads that never end, bodies that never come, and
    // silence.
    let slow: Vec<TcpStream> = (0..384)
        .map(|number| {
            let mut stream = connect_from(&runtime, "127.0.0.2", running.address);
            let begun: &[u8] = match number % 3 {
                0 => b"GET / HTTP/1.1\r\nHost: sh",
                1 => {
                    b"POST /cart/add HTTP/1.1\r\nHost: a\r\nContent-Type: \
                       application/x-www-form-urlencoded\r\nContent-Length: 99\r\n\r\nvar"
                }
                _ => b"",
            };
            let _ = stream.write_all(begun);
            stream
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(running.get("/healthz").status, 200);
        assert_eq!(running.get("/collections/all").status, 200);
    }
    running.logs("too many connections: closing idle ones");
    drop(slow);
    assert_eq!(running.get("/").status, 200);
}

#[test]
fn connections_that_cannot_be_accepted_do_not_fill_the_log() {
    let (running, _data) = serve(&[]);
    let process = running.process.0.id().to_string();
    let limit = |files: &str| {
        let mut prlimit = std::process::Command::new("prlimit");
        let set = prlimit.args(["--pid", &process, &format!("--nofile={files}")]);
        assert!(set.status().is_ok_and(|status| status.success()));
    };
    assert_eq!(running.get("/").status, 200);
    // Fewer than it has open.
    limit("8:");
    let waiting: Vec<TcpStream> = (0..20).map(|_| running.connect()).collect();
    let words = "a connection could not be accepted";
    running.logs(words);
    // Many periods of the pause between two attempts.
    std::thread::sleep(Duration::from_secs(5));
    let lines = running.logged(words);
    assert!(lines < 20, "{lines} lines");
    limit("4096:");
    drop(waiting);
    assert_eq!(running.get("/").status, 200);
}

#[test]
fn wrong_operator_tokens_are_logged_with_a_quota() {
    let token = "the token of an operator, 32 bytes or longer";
    let (running, _data) = serve(&[("PROTIUM_OPERATOR_TOKEN", token)]);
    let ask = |token: &str| {
        let head = format!(
            "GET /_protium/cache HTTP/1.1\r\nAuthorization: Bearer {token}\r\nX-Forwarded-For: \
             192.0.2.7\r\n"
        );
        running.sends(&head, "").status
    };
    std::thread::scope(|scope| {
        for number in 0..40 {
            scope.spawn(move || assert_eq!(ask(&format!("guess {number}")), 401));
        }
    });
    assert_eq!(ask(token), 200);
    let line = running.logs("a wrong operator token was sent");
    assert!(
        line.contains("192.0.2.7") && !line.contains("guess"),
        "{line}"
    );
    let lines = running.logged("a wrong operator token was sent");
    assert!(lines < 20, "{lines} lines");
}

#[test]
fn one_address_has_a_share_of_the_connections() {
    let (running, _data) = limited("ulimit -n 256", &[("PROTIUM_TRUSTED_PROXIES", "")]);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut greedy: Vec<TcpStream> = (0..32)
        .map(|_| connect_from(&runtime, "127.0.0.2", running.address))
        .collect();
    // They are all in use: what was asked for over the last one is answered.
    let last = greedy.last_mut().expect("one");
    assert!(exchange(last, GET.as_bytes()).starts_with("HTTP/1.1 200 "));
    greedy.pop();
    let moment = Duration::from_millis(300);
    std::thread::sleep(moment);
    greedy.push(connect_from(&runtime, "127.0.0.2", running.address));
    let mut over = connect_from(&runtime, "127.0.0.2", running.address);
    assert_eq!(
        exchange(&mut over, GET.as_bytes()),
        "",
        "it has more than its share"
    );
    running.logs("one address has too many connections");
    let mut other = connect_from(&runtime, "127.0.0.3", running.address);
    assert!(exchange(&mut other, GET.as_bytes()).starts_with("HTTP/1.1 200 "));
    // The idlest of its own gave way, so the next one finds a place.
    std::thread::sleep(Duration::from_millis(1_500));
    let mut over = connect_from(&runtime, "127.0.0.2", running.address);
    exchange(&mut over, GET.as_bytes());
    std::thread::sleep(moment);
    let mut next = connect_from(&runtime, "127.0.0.2", running.address);
    assert!(exchange(&mut next, GET.as_bytes()).starts_with("HTTP/1.1 200 "));
}

#[test]
fn a_slow_body_is_408_and_a_half_closed_client_gets_its_answer() {
    let (running, _data) = serve(&[]);
    slow_and_half_closed(&running);
}

/// What a server does with clients that stop in the middle of a form, trickle, come to no end of
/// their headers, or say that they are done sending.
pub fn slow_and_half_closed(running: &Running) {
    let form = "POST /cart/add HTTP/1.1\r\nHost: shop.example\r\nAccept: application/json\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n";
    std::thread::scope(|scope| {
        let stops = scope.spawn(|| {
            let mut stream = running.connect();
            stream.set_read_timeout(Some(2 * SOON)).expect("a socket");
            exchange(
                &mut stream,
                format!("{form}Content-Length: 40\r\n\r\nvariant").as_bytes(),
            )
        });
        let trickles = scope.spawn(|| {
            let mut stream = running.connect();
            stream.set_read_timeout(Some(2 * SOON)).expect("a socket");
            stream
                .write_all(format!("{form}Transfer-Encoding: chunked\r\n\r\n").as_bytes())
                .expect("it reads");
            let mut writing = stream.try_clone().expect("a socket");
            let writer = std::thread::spawn(move || {
                for _ in 0..15 {
                    std::thread::sleep(Duration::from_secs(3));
                    if writing.write_all(b"1\r\nx\r\n").is_err() {
                        return;
                    }
                }
            });
            let mut answer = vec![0; 12];
            let read = stream.read_exact(&mut answer);
            drop(writer);
            read.map(|()| String::from_utf8_lossy(&answer).into_owned())
        });
        let dawdles = scope.spawn(|| {
            let mut stream = running.connect();
            stream.set_read_timeout(Some(2 * SOON)).expect("a socket");
            stream.write_all(GET_LINES).expect("it reads");
            let mut writing = stream.try_clone().expect("a socket");
            let writer = std::thread::spawn(move || {
                while writing.write_all(b"x: y\r\n").is_ok() {
                    std::thread::sleep(Duration::from_secs(3));
                }
            });
            let read = stream.read(&mut [0]);
            stream.shutdown(Shutdown::Both).ok();
            writer.join().expect("no panic");
            read
        });
        for (request, status) in [
            (
                "GET /collections/all HTTP/1.1\r\nHost: shop.example\r\n\r\n".to_owned(),
                200,
            ),
            (format!("{form}Content-Length: 12\r\n\r\nvariant_id=0"), 404),
            (
                "GET /search?q=fork HTTP/1.1\r\nHost: shop.example\r\n\r\n".to_owned(),
                200,
            ),
        ] {
            let mut stream = running.connect();
            stream.write_all(request.as_bytes()).expect("it reads");
            stream.shutdown(Shutdown::Write).expect("half closed");
            assert_eq!(Answer::read(stream).status, status, "{request}");
        }
        let late = stops.join().expect("no panic");
        assert!(late.starts_with("HTTP/1.1 408 "), "{late}");
        assert!(
            late.to_ascii_lowercase()
                .contains("\r\nconnection: close\r\n"),
            "{late}"
        );
        let late = trickles.join().expect("no panic");
        assert_eq!(late.expect("an answer"), "HTTP/1.1 408");
        let ended = dawdles.join().expect("no panic");
        let is_end = |error: &Error| error.kind() == ErrorKind::ConnectionReset;
        assert!(
            ended.as_ref().map_or_else(is_end, |read| *read == 0),
            "{ended:?}"
        );
    });
    assert_eq!(running.get("/healthz").status, 200);
}
