//! A process that serves the shop, on a socket that outlives it.

use std::io;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use command_fds::{CommandFdExt, FdMapping};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::{Child, Command};

use crate::app::supervisor::{FromShop, ToShop};
use crate::config::Flags;

/// Where the protocol of systemd has the first socket that is passed on.
const FIRST: i32 = 3;
/// How long a process may take to finish its requests.
const GRACE: Duration = Duration::from_secs(12);

/// A process that serves the shop. It ends when this is dropped.
pub struct Server {
    child: Child,
    lines: Lines<BufReader<OwnedReadHalf>>,
    say: OwnedWriteHalf,
}

impl Server {
    /// Starts the program for the shop in `root`, with this socket.
    pub fn start(
        program: &Path,
        root: &Path,
        flags: &Flags,
        listener: &TcpListener,
    ) -> io::Result<Server> {
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let mut command = std::process::Command::new(program);
        command
            .arg("--shop")
            .arg(root)
            .args(flags.arguments())
            .args(["serve", "--supervised"])
            .env("LISTEN_FDS", "1")
            .env_remove("LISTEN_PID")
            .env_remove("LISTEN_FDS_FIRST_FD")
            .stdin(Stdio::from(OwnedFd::from(theirs)));
        let socket = FdMapping {
            parent_fd: listener.try_clone()?.into(),
            child_fd: FIRST,
        };
        command
            .fd_mappings(vec![socket])
            .map_err(io::Error::other)?;
        let child = Command::from(command).kill_on_drop(true).spawn()?;
        let (hear, say) = tokio::net::UnixStream::from_std(ours)?.into_split();
        Ok(Server {
            child,
            lines: BufReader::new(hear).lines(),
            say,
        })
    }

    /// What it says next; `None`: it ends, or says what nobody understands.
    pub async fn hear(&mut self) -> Option<FromShop> {
        let line = self.lines.next_line().await.ok().flatten()?;
        serde_json::from_str(&line).ok()
    }

    /// Tells it what is wrong with its program.
    pub async fn tell(&mut self, errors: &ToShop) {
        if let Ok(mut line) = serde_json::to_string(errors) {
            line.push('\n');
            // One that does not hear any more ends, and that is noticed.
            let _ = self.say.write_all(line.as_bytes()).await;
        }
    }

    /// Has it finish its requests and end; says how it did.
    pub async fn stop(self) -> String {
        let Server {
            mut child,
            lines,
            say,
        } = self;
        drop((lines, say));
        match tokio::time::timeout(GRACE, child.wait()).await {
            Ok(Ok(status)) => status.to_string(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => {
                let _ = child.kill().await;
                "killed".to_owned()
            }
        }
    }
}
