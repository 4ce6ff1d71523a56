//! `build --out`: a directory that starts on a machine without any tools, and what keeps one from
//! being made.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use tests::toolchain;
use tests::workspace::on_path;

use super::new::made;
use super::{Running, program};

/// Runs `build --out` for a shop. Its components are built by Go, which is quick.
fn build(root: &Path, out: &Path, arguments: &[&str]) -> Output {
    let mut command = super::shop(root);
    command
        .env("PATH", toolchain::search_path().expect("tools"))
        .env("PROTIUM_LANE", "go")
        .args(["build", "--json", "--out"])
        .arg(out)
        .args(arguments);
    command.output().expect("the program runs")
}

fn manifest(output: &Output) -> Value {
    let errors = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"))
}

/// The program in this directory, on a machine that has nothing else.
fn alone(out: &Path, machine: &TempDir) -> Command {
    let name = program().file_name().expect("a name");
    let mut command = Command::new(out.join(name));
    command
        .env_clear()
        .env("HOME", machine.path())
        .env("PATH", machine.path())
        .env("PROTIUM_LISTEN", "127.0.0.1:0")
        .env("PROTIUM_DATA", machine.path().join("data"))
        .current_dir(machine.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[test]
fn a_directory_for_production_starts_without_any_tools() {
    let (shops, root) = made("store");
    let out = shops.path().join("out");
    let output = build(&root, &out, &[]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("built for development"), "{said}");
    let manifest = manifest(&output);
    assert_eq!(manifest["lane"], "go", "{manifest}");
    let file = fs::read(out.join("manifest.json")).expect("a manifest");
    let file: Value = serde_json::from_slice(&file).expect("JSON");
    assert_eq!(file, manifest);
    for listed in manifest["files"].as_array().expect("a list") {
        let path = out.join(listed["path"].as_str().expect("a path"));
        let size = path.metadata().expect("it is there").len();
        assert_eq!(listed["bytes"], size, "{}", path.display());
    }
    for left_out in [
        "src",
        "components/go.mod",
        "components/brew_guide.go",
        "data/store",
    ] {
        assert!(!out.join(left_out).exists(), "{left_out}");
    }
    // What is compressed already is sent as it is there.
    let compressed = fs::read_dir(out.join("compressed")).expect("a folder");
    for entry in compressed.map(|entry| entry.expect("an entry").path()) {
        if entry.extension().is_some_and(|ending| ending == "gzip") {
            fs::write(entry, "from the folder").expect("written");
        }
    }
    // Not where it was made, and the shop is not there any more.
    let machine = TempDir::new().expect("a directory");
    let moved = machine.path().join("moved");
    fs::rename(&out, &moved).expect("moved");
    fs::remove_dir_all(&root).expect("removed");
    let running = Running::start(&mut alone(&moved, &machine));
    let tea = running.get("/products/spring-green");
    assert_eq!(tea.status, 200);
    let tea = tea.text();
    assert!(tea.contains("3 g of leaves, water at 75 °C"), "{tea}");
    assert_eq!(running.get("/pages/about").status, 200);
    assert_eq!(running.get("/static/products/one-pot.svg").status, 200);
    let style = running.sends(
        "GET /static/theme.css HTTP/1.1\r\nAccept-Encoding: gzip\r\n",
        "",
    );
    assert_eq!(style.header("content-encoding"), "gzip");
    assert_eq!(style.text(), "from the folder");
    starts_a_service(&moved);
}

/// The unit names files that are there and settings that there are, and the container's too.
fn starts_a_service(out: &Path) {
    let name = program().file_name().expect("a name").to_string_lossy();
    let unit = out.join(format!("{name}.service"));
    let text = fs::read_to_string(&unit).expect("a unit");
    assert!(
        text.contains(&format!("ExecStart=/opt/{name}/{name}\n")),
        "{text}"
    );
    let docker = fs::read_to_string(out.join("Dockerfile")).expect("a Dockerfile");
    assert!(
        docker.ends_with(&format!("ENTRYPOINT [\"/shop/{name}\"]\n")),
        "{docker}"
    );
    for text in [&text, &docker] {
        assert!(
            text.contains("PROTIUM_DATA=") && text.contains("PROTIUM_LISTEN="),
            "{text}"
        );
        assert!(!text.contains("__"), "{text}");
    }
    if let Some(systemd) = on_path(&["systemd-analyze"]) {
        let here = text.replace(&format!("/opt/{name}"), &out.display().to_string());
        fs::write(&unit, here).expect("written");
        let verified = Command::new(systemd).arg("verify").arg(&unit).output();
        let verified = verified.expect("systemd-analyze runs");
        let said = String::from_utf8_lossy(&verified.stderr);
        assert!(
            verified.status.success() && !said.contains(".service:"),
            "{said}"
        );
    }
}

#[test]
fn a_shop_over_its_budget_is_not_made_and_the_manifest_says_by_how_much() {
    let (shops, root) = made("minimal");
    let out = shops.path().join("out");
    let config = root.join("protium.toml");
    let text = fs::read_to_string(&config).expect("read");
    let strict = format!("{text}\n[budget]\nmodule_bytes = 1_000\n");
    fs::write(&config, strict).expect("written");
    let output = build(&root, &out, &[]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("budget.module_bytes allows 1000"), "{said}");
    let manifest = manifest(&output);
    let module = &manifest["downloads"][0];
    assert_eq!(
        (&module["key"], &module["limit"]),
        (&"module_bytes".into(), &1_000.into())
    );
    assert!(
        module["bytes"].as_u64().is_some_and(|bytes| bytes > 1_000),
        "{module}"
    );
    assert!(!out.exists());

    // What somebody else made stays.
    fs::write(&config, text).expect("written");
    fs::create_dir(&out).expect("made");
    fs::write(out.join("notes"), "mine").expect("written");
    let output = build(&root, &out, &[]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("was not made by `build --out`"), "{said}");
    assert_eq!(fs::read_dir(&out).expect("a folder").count(), 1);
}
