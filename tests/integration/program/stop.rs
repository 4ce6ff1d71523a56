//! Told to stop, the program finishes what is under way and ends with 0.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::{Answer, Running, example};

/// Waits until nobody accepts connections any more.
fn is_closed(running: &Running) {
    let began = Instant::now();
    while TcpStream::connect(running.address).is_ok() {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "it still accepts"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_request_under_way_is_answered_before_the_program_ends() {
    for signal in ["TERM", "INT"] {
        let data = tempfile::tempdir().expect("a directory");
        let mut running = Running::start(&mut example(data.path()));
        let mut form = running.connect();
        let head = "POST /cart/add HTTP/1.1\r\nHost: shop.example\r\nAccept: application/json\r\n\
                    Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \
                    12\r\n\r\nvariant";
        form.write_all(head.as_bytes()).expect("it reads");
        // Another request on a new connection shows that the first has been accepted.
        assert_eq!(running.get("/healthz").status, 200);
        running.signal(signal);
        is_closed(&running);
        form.write_all(b"_id=0").expect("it still reads");
        let answer = Answer::read(form);
        assert_eq!(answer.status, 404);
        assert!(
            answer.text().contains("unknown_variant"),
            "{}",
            answer.text()
        );
        assert_eq!(running.process.code(), Some(0));
    }
}

#[test]
fn a_client_that_has_just_connected_is_answered_before_the_program_ends() {
    let data = tempfile::tempdir().expect("a directory");
    let mut running = Running::start(&mut example(data.path()));
    let mut new = running.connect();
    // Another request on a later connection shows that the first has been accepted.
    assert_eq!(running.get("/healthz").status, 200);
    running.signal("TERM");
    is_closed(&running);
    new.write_all(b"GET /healthz HTTP/1.1\r\nHost: shop.example\r\n\r\n")
        .expect("it reads");
    assert_eq!(Answer::read(new).status, 200);
    assert_eq!(running.process.code(), Some(0));
}

#[test]
fn a_connection_without_a_request_does_not_hold_the_program() {
    let data = tempfile::tempdir().expect("a directory");
    let mut running = Running::start(&mut example(data.path()));
    let mut idle = running.connect();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: shop.example\r\n\r\n")
        .expect("it reads");
    let silent = running.connect();
    assert_eq!(running.get("/healthz").status, 200);
    running.signal("TERM");
    assert_eq!(running.process.code(), Some(0));
    drop((idle, silent));
}
