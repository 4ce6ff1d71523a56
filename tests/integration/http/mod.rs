//! What stands between a visitor and the shop's handlers, over real connections: proxies, slow
//! clients, many of them, pages in memory, and the data directory that it all ends in.

pub mod connections;
mod data;
mod front;
mod proxies;

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::node::prepare;
use crate::program::{Running, SOON, shop};

/// The example store with its data in a directory of its own, and these variables.
fn serve(vars: &[(&str, &str)]) -> (Running, TempDir) {
    let data = TempDir::new().expect("a directory");
    let running = Running::start(&mut command(&data.path().join("data"), vars));
    (running, data)
}

fn command(data: &Path, vars: &[(&str, &str)]) -> Command {
    prepare(data);
    let mut command = shop(tests::workspace::path("example-store"));
    command.arg("--data").arg(data).envs(vars.iter().copied());
    command
}

/// The command, run by a shell that has run this before: limits, mounts.
pub(crate) fn after(command: &Command, before: &str) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("{before} && exec \"$@\""), "sh"])
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

/// A connection from one of this machine's own addresses.
fn connect_from(runtime: &tokio::runtime::Runtime, from: &str, to: SocketAddr) -> TcpStream {
    let from: IpAddr = from.parse().expect("an address");
    let stream = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::new(from, 0)).expect("bound");
        let connecting = tokio::time::timeout(SOON, socket.connect(to));
        connecting.await.expect("in time").expect("connected")
    });
    let stream = stream.into_std().expect("a socket");
    stream.set_nonblocking(false).expect("a socket");
    stream.set_read_timeout(Some(SOON)).expect("a socket");
    stream
}

/// All that comes back over a connection after these bytes.
fn exchange(stream: &mut TcpStream, bytes: &[u8]) -> String {
    // It may hang up before it has read everything.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// The first variant that can be bought.
fn variant(server: &Running) -> String {
    let page = server.get("/collections/all").text();
    let id = page.split("name=\"variant_id\" value=\"").nth(1);
    let id = id.and_then(|rest| rest.split('"').next());
    id.expect("something to buy").to_owned()
}
