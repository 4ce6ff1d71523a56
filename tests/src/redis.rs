//! A Redis server of the test's own.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::packages;

/// A server on a port and in a directory of its own. Ends with this value.
pub struct RedisServer {
    port: u16,
    settings: Vec<String>,
    directory: TempDir,
    child: Child,
}

impl RedisServer {
    /// Starts one; installs it where it is missing.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with these settings, such as `--maxmemory 64mb`.
    pub fn start_with(settings: &[&str]) -> Self {
        let words = settings.iter().flat_map(|setting| setting.split(' '));
        let settings: Vec<String> = words.map(str::to_owned).collect();
        let program = packages::program("redis-server", "redis-server");
        program.unwrap_or_else(|error| panic!("{error}"));
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let directory = TempDir::new().expect("a directory");
        let child = spawn(port, &directory, &settings).expect("redis-server");
        wait_for(port);
        Self {
            port,
            settings,
            directory,
            child,
        }
    }

    /// Host and port.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// As clients take it.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Writes everything to disk: what a restart after [`RedisServer::kill`] comes back with.
    pub fn save(&self) {
        self.tell("SAVE");
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ended");
    }

    /// Starts it again, with what was saved last.
    pub fn restart(&mut self) {
        self.child = spawn(self.port, &self.directory, &self.settings).expect("redis-server");
        wait_for(self.port);
    }

    /// Lets it hang: it accepts connections and answers nothing.
    pub fn stop(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on after [`RedisServer::stop`].
    pub fn go_on(&self) {
        self.signal("-CONT");
    }

    /// Stores values of somebody else until it has no memory left.
    pub fn fill(&self) {
        let fill = "local at = 0 while at < 1000 do at = at + 1 redis.call('SET', ARGV[1] .. at, \
                    string.rep('x', 1000)) end return 'OK'";
        for round in 0..1_000 {
            let output = Command::new("redis-cli")
                .args(["-p", &self.port.to_string(), "EVAL", fill, "0"])
                .arg(format!("another:{round}:"))
                .output()
                .expect("redis-cli");
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            if said.contains("OOM") {
                return;
            }
            assert!(said.contains("OK"), "{said}");
        }
        panic!("it has memory without end");
    }

    /// Every command from now on, as `MONITOR` says them.
    pub fn monitor(&self) -> Monitor {
        let mut child = Command::new("redis-cli")
            .args(["-p", &self.port.to_string(), "MONITOR"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-cli");
        let mut said = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut first = String::new();
        said.read_line(&mut first).expect("it answers");
        let lines = std::thread::spawn(move || said.lines().map_while(Result::ok).collect());
        Monitor { child, lines }
    }

    /// What it answers to a command.
    pub fn tell(&self, command: &str) -> String {
        let output = Command::new("redis-cli")
            .args(["-p", &self.port.to_string()])
            .args(command.split(' '))
            .output()
            .expect("redis-cli");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status();
        assert!(status.expect("kill").success());
    }
}

/// Listens to what a server is told.
pub struct Monitor {
    child: Child,
    lines: JoinHandle<Vec<String>>,
}

impl Monitor {
    /// All that was said, each command with its arguments.
    pub fn end(mut self) -> Vec<Vec<String>> {
        std::thread::sleep(Duration::from_millis(300));
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ended");
        let lines = self.lines.join().expect("no panic");
        let words = |line: &String| {
            let (_, command) = line.split_once("] ")?;
            let words = command.trim_matches('"').split("\" \"");
            Some(words.map(str::to_owned).collect())
        };
        lines.iter().filter_map(words).collect()
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(port: u16, directory: &TempDir, settings: &[String]) -> std::io::Result<Child> {
    Command::new("redis-server")
        .args(["--port", &port.to_string()])
        .args(["--bind", "127.0.0.1"])
        .args(["--save", ""])
        .args(settings)
        .arg("--dir")
        .arg(directory.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

fn wait_for(port: u16) {
    let until = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        assert!(Instant::now() < until, "redis-server does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
}
