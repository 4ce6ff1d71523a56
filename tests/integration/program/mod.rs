//! The shop's program from outside: what it says when it cannot do its work, what it needs, and how
//! it stops.

mod blocks;
mod bundle;
mod check;
mod clock;
mod dev;
mod dev_disk;
mod dev_events;
mod dev_restart;
mod docs;
mod doctor;
mod fresh;
mod guests;
mod heads;
mod import;
mod messages;
mod new;
mod outside;
mod refusals;
mod root;
mod start;
mod stop;
mod templates;
mod tutorial;
pub mod wire;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

/// A start may build components and compile them to native code, on a busy machine.
const START: Duration = Duration::from_secs(240);
/// Time for anything that takes milliseconds.
pub const SOON: Duration = Duration::from_secs(30);

pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<std::path::PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| tests::store::build().expect("the example store builds"))
}

/// The program for the shop in this directory, on a free port, without settings from this process.
pub fn shop(root: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program());
    command
        .arg("--shop")
        .arg(root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PROTIUM_") || name == "RUST_LOG" {
            command.env_remove(name);
        }
    }
    command.env("PROTIUM_LISTEN", "127.0.0.1:0");
    command
}

/// The example store with its data in this directory.
pub fn example(data: &Path) -> Command {
    let mut command = shop(tests::workspace::path("example-store"));
    command.arg("--data").arg(data);
    command
}

/// Expects the command to end with 1 and a message that has these words.
#[track_caller]
pub fn fails_with(command: &mut Command, words: &[&str]) -> String {
    let mut child = Ending(command.spawn().expect("the program runs"));
    let said = lines(child.0.stderr.take().expect("a pipe"));
    let code = child.code();
    let text = said.iter().collect::<Vec<_>>().join("\n");
    assert_eq!(code, Some(1), "{text}");
    for word in words {
        assert!(text.contains(word), "`{word}` is not in: {text}");
    }
    assert!(!text.contains("panicked"), "{text}");
    text
}

/// A program that ends by itself, or else when this is dropped.
pub struct Ending(pub Child);

impl Ending {
    /// The code it ends with.
    #[track_caller]
    pub fn code(&mut self) -> Option<i32> {
        let until = Instant::now() + SOON;
        while Instant::now() < until {
            if let Some(status) = self.0.try_wait().expect("a child") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it does not end");
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        // Both fail only for a process that has ended, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A program that serves.
pub struct Running {
    pub address: SocketAddr,
    pub process: Ending,
    said: Mutex<Receiver<String>>,
    log: Mutex<Receiver<String>>,
}

impl Running {
    /// Starts the command and waits until it says where it is open.
    #[track_caller]
    pub fn start(command: &mut Command) -> Running {
        let mut process = Ending(command.spawn().expect("the program runs"));
        let said = lines(process.0.stdout.take().expect("a pipe"));
        let log = lines(process.0.stderr.take().expect("a pipe"));
        let open = said.recv_timeout(START);
        let address = open.ok().and_then(|line| {
            let (_, address) = line.split_once("is open at http://")?;
            address.parse().ok()
        });
        let Some(address) = address else {
            drop(process);
            panic!(
                "it did not open: {}",
                log.iter().collect::<Vec<_>>().join("\n")
            );
        };
        Running {
            address,
            process,
            said: Mutex::new(said),
            log: Mutex::new(log),
        }
    }

    /// A connection to it.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("it accepts");
        stream.set_read_timeout(Some(SOON)).expect("a socket");
        stream
    }

    /// Asks for a page as a browser does, and reads to the end of the connection.
    pub fn get(&self, path: &str) -> Answer {
        self.sends(&format!("GET {path} HTTP/1.1\r\nAccept: text/html\r\n"), "")
    }

    /// Sends a request line and headers, and those that every request has, and a body.
    pub fn sends(&self, head: &str, body: &str) -> Answer {
        let mut stream = self.connect();
        let Running { address, .. } = self;
        let length = body.len();
        let request = format!(
            "{head}Host: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).expect("it reads");
        Answer::read(stream)
    }

    /// The next line of its log that has these words.
    #[track_caller]
    pub fn logs(&self, words: &str) -> String {
        next(&self.log, SOON, words)
    }

    /// The next line of what it says that has these words.
    #[track_caller]
    pub fn says(&self, words: &str) -> String {
        next(&self.said, START, words)
    }

    /// How many lines of its log that nobody looked at yet have these words.
    pub fn logged(&self, words: &str) -> usize {
        let log = self.log.lock().expect("one reader");
        log.try_iter().filter(|line| line.contains(words)).count()
    }

    /// Sends it a signal.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let kill = Command::new("kill")
            .args(["-s", name, &self.process.0.id().to_string()])
            .status();
        assert!(kill.is_ok_and(|status| status.success()));
    }
}

/// What came back over a connection.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub fn read(mut stream: TcpStream) -> Answer {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("an answer in time");
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let body = bytes.split_off(end.expect("a head") + 4);
        let head = String::from_utf8_lossy(&bytes).into_owned();
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        Answer {
            status: status.expect("a status"),
            head,
            body,
        }
    }

    /// The value of a header; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let found = lines.find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.trim())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A page without the address that its canonical link has of whoever asked for it.
pub fn without_address(page: &str) -> String {
    let link = "<link rel=\"canonical\" href=\"http://";
    let Some((before, after)) = page.split_once(link) else {
        return page.to_owned();
    };
    let path = after.find('/').unwrap_or(0);
    format!("{before}{link}{}", &after[path..])
}

#[track_caller]
fn next(lines: &Mutex<Receiver<String>>, bound: Duration, words: &str) -> String {
    let until = Instant::now() + bound;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let line = lines.lock().expect("one reader").recv_timeout(left);
        let line = line.unwrap_or_else(|_| panic!("no line has `{words}`"));
        if line.contains(words) {
            return line;
        }
    }
}

pub fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    lines
}
