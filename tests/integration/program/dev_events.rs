//! What a page that is open in development is told.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use super::Running;

/// A compilation may take this long on a busy machine.
pub const COMPILED: Duration = Duration::from_secs(240);

/// The states that an open page is told, one after the other.
pub struct Told(BufReader<TcpStream>);

impl Told {
    pub fn follow(running: &Running) -> Told {
        let mut stream = running.connect();
        let request = "GET /_protium/dev/events HTTP/1.1\r\nHost: shop\r\n\
                       Sec-Fetch-Site: same-origin\r\n\r\n";
        stream.write_all(request.as_bytes()).expect("sent");
        stream.set_read_timeout(Some(COMPILED)).expect("a socket");
        Told(BufReader::new(stream))
    }

    /// The errors of the first state that fits; `None`: the connection ended.
    pub fn errors(&mut self, fits: impl Fn(&[Value]) -> bool) -> Option<Vec<Value>> {
        let mut line = String::new();
        while self.0.read_line(&mut line).expect("a line in time") > 0 {
            if let Some(state) = line.trim().strip_prefix("data: ") {
                let state: Value = serde_json::from_str(state).expect("JSON");
                let errors = state["errors"].as_array().expect("a list").clone();
                if fits(&errors) {
                    return Some(errors);
                }
            }
            line.clear();
        }
        None
    }
}
