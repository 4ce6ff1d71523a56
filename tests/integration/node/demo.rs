//! The script that shows one origin and two regions on one machine.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::program::{Ending, program};

#[test]
fn the_script_starts_one_origin_and_two_regions_and_ends_them() {
    let data = TempDir::new().expect("a directory");
    let ports: Vec<String> = (0..4)
        .map(|_| super::free_address().port().to_string())
        .collect();
    let script = tests::workspace::path("example-store/scripts/regions.sh");
    let mut script = Ending(
        Command::new(script)
            .env("PROTIUM", program())
            .env("REGIONS_DATA", data.path())
            .env("REGIONS_PORTS", ports.join(" "))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the script runs"),
    );
    let said = BufReader::new(script.0.stdout.take().expect("a pipe"));
    let mut lines = said.lines().map_while(Result::ok);
    assert!(
        lines.any(|line| line.contains("Ctrl-C")),
        "it did not say how it ends"
    );
    let get = |port: &str, path: &str| {
        let url = format!("http://127.0.0.1:{port}{path}");
        let answer = Command::new("curl")
            .args(["-sI", &url])
            .output()
            .expect("curl");
        String::from_utf8_lossy(&answer.stdout).into_owned()
    };
    for (port, region) in [(&ports[1], "eu-1"), (&ports[2], "us-1")] {
        let limit = Instant::now() + Duration::from_secs(60);
        while !get(port, "/").contains(&format!("Protium-{region}; hit")) {
            assert!(Instant::now() < limit, "{region} keeps nothing");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    let interrupted = Command::new("kill")
        .args(["-s", "TERM", &script.0.id().to_string()])
        .status();
    assert!(interrupted.is_ok_and(|status| status.success()));
    script.code();
    for port in &ports {
        assert!(
            std::net::TcpStream::connect(format!("127.0.0.1:{port}")).is_err(),
            "{port} is open"
        );
    }
}
