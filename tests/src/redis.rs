//! A Redis server of the test's own.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::packages;

/// A server on a port and in a directory of its own. Ends with this value.
pub struct RedisServer {
    port: u16,
    directory: TempDir,
    child: Child,
}

impl RedisServer {
    /// Starts one; installs it where it is missing.
    pub fn start() -> Self {
        let program = packages::program("redis-server", "redis-server");
        program.unwrap_or_else(|error| panic!("{error}"));
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let directory = TempDir::new().expect("a directory");
        let child = spawn(port, &directory).expect("redis-server");
        wait_for(port);
        Self {
            port,
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
        self.child = spawn(self.port, &self.directory).expect("redis-server");
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

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(port: u16, directory: &TempDir) -> std::io::Result<Child> {
    Command::new("redis-server")
        .args(["--port", &port.to_string()])
        .args(["--bind", "127.0.0.1"])
        .args(["--save", ""])
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
