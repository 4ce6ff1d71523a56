//! `doctor`: what the program says of the machine it is on.

use std::net::TcpListener;
use std::process::Command;

use tempfile::TempDir;
use tests::toolchain;
use tests::workspace::path;

use super::program;

#[test]
fn without_toolchains_it_names_what_to_install_and_fails() {
    let nothing = TempDir::new().expect("a temporary directory");
    let mut command = Command::new(program());
    command
        .current_dir(nothing.path())
        .env("PATH", nothing.path())
        .env("PROTIUM_TOOLCHAIN", nothing.path())
        .args(["doctor", "--shop"])
        .arg(nothing.path());
    let output = command.output().expect("the program runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for line in ["missing  cargo", "missing  go ", "missing  tinygo"] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(text.contains("https://go.dev/dl/"), "{text}");
    assert!(!text.contains("port"), "there is no shop: {text}");
}

#[test]
fn with_them_it_looks_at_the_shop_too() {
    let data = TempDir::new().expect("a temporary directory");
    let doctor = |listen: &str| {
        let mut command = Command::new(program());
        command
            .env("PATH", toolchain::search_path().expect("tools"))
            .args(["doctor", "--json", "--listen", listen, "--data"])
            .arg(data.path())
            .arg("--shop")
            .arg(path("example-store"));
        let output = command.output().expect("the program runs");
        let findings: serde_json::Value =
            serde_json::from_slice(&output.stdout).expect("it is JSON");
        (findings, output.status.code())
    };
    let (findings, code) = doctor("127.0.0.1:0");
    assert_eq!(code, Some(0), "{findings}");
    let names = |state: &str| -> Vec<String> {
        let all = findings.as_array().expect("a list").iter();
        let in_state = all.filter(|finding| finding["state"] == state);
        in_state
            .map(|finding| finding["name"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    for name in ["cargo", "rustc", "go", "port", "data", "components"] {
        assert!(
            names("ok").iter().any(|ok| ok == name),
            "{name}: {findings}"
        );
    }

    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let (findings, code) = doctor(&taken.local_addr().expect("an address").to_string());
    assert_eq!(code, Some(1), "{findings}");
    assert!(findings.to_string().contains("is taken"), "{findings}");
}
