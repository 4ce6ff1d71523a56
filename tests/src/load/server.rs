//! A process that serves on a port of its own.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::workspace::display;
use crate::{Error, Result};

use super::fetch::get;

/// A first start may compile the components' module to native code, on a busy machine.
const START: Duration = Duration::from_secs(240);
/// Threads or processes that each server has for requests.
pub(super) const WORKERS: u32 = 2;
/// Of the times in `/proc/PID/stat`.
const TICKS_PER_SECOND: f64 = 100.0;

/// A server, and the time it took to answer its first 200. It ends when this is dropped.
pub struct Server {
    child: Child,
    address: SocketAddr,
    ready_after: Duration,
}

impl Server {
    /// Starts what `command` says for the free address it is given, and waits for a 200 of
    /// `health`.
    pub fn start(
        health: &str,
        command: impl FnOnce(SocketAddr) -> Result<Command>,
    ) -> Result<Server> {
        let address = free_address()?;
        let mut command = command(address)?;
        let name = display(&command);
        let began = Instant::now();
        let child = command
            .env("TOKIO_WORKER_THREADS", WORKERS.to_string())
            .env("GOMAXPROCS", WORKERS.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .map_err(|source| Error::Spawn {
                command: name.clone(),
                source,
            })?;
        let mut server = Server {
            child,
            address,
            ready_after: Duration::ZERO,
        };
        let unexpected = |detail: String| Error::Unexpected { what: name, detail };
        while began.elapsed() < START {
            if let Ok(Some(status)) = server.child.try_wait() {
                return Err(unexpected(format!("it ended at its start: {status}")));
            }
            if TcpStream::connect(address).is_ok() && get(&server.url(health), &[]).is_ok() {
                server.ready_after = began.elapsed();
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Err(unexpected(format!(
            "no answer within {} s",
            START.as_secs()
        )))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of a page; `path` begins with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The time from its start to its first 200.
    pub fn ready_after(&self) -> Duration {
        self.ready_after
    }

    /// User and system seconds that it and the processes it started have used.
    pub fn cpu_seconds(&self) -> Result<f64> {
        let id = self.child.id();
        let children = read(&format!("/proc/{id}/task/{id}/children"))?;
        let mut seconds = seconds_of(&id.to_string())?;
        for child in children.split_whitespace() {
            seconds += seconds_of(child)?;
        }
        Ok(seconds)
    }

    /// Resident memory in megabytes.
    pub fn resident_megabytes(&self) -> Result<f64> {
        let path = format!("/proc/{}/status", self.child.id());
        let kilobytes = read(&path)?
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
        let kilobytes = kilobytes.ok_or_else(|| Error::Unexpected {
            what: path,
            detail: "it has no VmRSS".into(),
        })?;
        Ok(kilobytes / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        #[cfg(unix)]
        {
            // A signal that lets a server end the processes it started.
            let id = self.child.id().to_string();
            let told = Command::new("kill").args(["-TERM", &id]).status();
            let began = Instant::now();
            while told.is_ok() && began.elapsed() < Duration::from_secs(2) {
                if !matches!(self.child.try_wait(), Ok(None)) {
                    return;
                }
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        // What has ended already needs no end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address of this machine that nobody listens on.
pub(super) fn free_address() -> Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(|source| Error::Spawn {
            command: "a listener on 127.0.0.1".into(),
            source,
        })
}

fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(path).map_err(|source| Error::File {
        path: path.into(),
        source,
    })
}

fn seconds_of(process: &str) -> Result<f64> {
    let path = format!("/proc/{process}/stat");
    let stat = read(&path)?;
    // The name before it may hold blanks. User time is the 14th field of all, system time the 15th.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks: Vec<f64> = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse().ok())
        .collect();
    match ticks[..] {
        [user, system] => Ok((user + system) / TICKS_PER_SECOND),
        _ => Err(Error::Unexpected {
            what: path,
            detail: "it has no times".into(),
        }),
    }
}
