//! The shop's program as a test starts it: on a free port, with data of the tests' own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Tests take turns: they share the data directory.
static TURN: Mutex<()> = Mutex::new(());

/// The program, until this is dropped.
pub struct Running {
    process: Child,
    address: String,
    _turn: MutexGuard<'static, ()>,
}

impl Running {
    /// Starts the shop and waits until it is open. What it builds stays for the next run.
    pub fn start() -> Running {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut process = Command::new(env!("CARGO_BIN_EXE___name__"))
            .env("PROTIUM_LISTEN", "127.0.0.1:0")
            .env(
                "PROTIUM_DATA",
                concat!(env!("CARGO_TARGET_TMPDIR"), "/__name__"),
            )
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut said = String::new();
        let output = process.stdout.take().expect("a pipe");
        BufReader::new(output)
            .read_line(&mut said)
            .expect("it says where it is open");
        let Some((_, address)) = said.trim_end().split_once("http://") else {
            panic!("the shop did not open: its log is above");
        };
        Running {
            address: address.to_owned(),
            process,
            _turn: turn,
        }
    }

    /// A page as a browser gets it, with its head.
    pub fn get(&self, path: &str) -> String {
        self.send(&format!("GET {path} HTTP/1.1\r\nAccept: text/html\r\n"), "")
    }

    /// The answer to a request line, headers and a body.
    pub fn send(&self, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("it accepts");
        let (address, length) = (&self.address, body.len());
        let request = format!(
            "{head}Host: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("it answers");
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
