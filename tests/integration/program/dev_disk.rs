//! A disk that is full while a shop is developed.

#![cfg(unix)]

use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use tests::toolchain;
use tests::workspace::path;

use super::dev_events::Told;
use super::{Running, program, shop};
use crate::small_disk::{Filling, on_a_small_disk};

fn said(errors: &[Value]) -> String {
    let messages = errors.iter().filter_map(|error| error["message"].as_str());
    messages.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_component_that_a_full_disk_has_no_room_for_is_an_error_until_there_is_room() {
    let place = TempDir::new().expect("a temporary directory");
    let (root, data) = (place.path().join("tea"), place.path().join("data"));
    let made = Command::new(program())
        .args(["new", "--template", "minimal", "--path"])
        .arg(path("."))
        .arg(&root)
        .stdin(Stdio::null())
        .output()
        .expect("the program runs");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    fs::create_dir(&data).expect("made");
    let mut command = shop(&root);
    command
        .arg("--dev")
        .arg("--data")
        .arg(&data)
        .env("PATH", toolchain::search_path().expect("tools"));
    let running = Running::start(&mut on_a_small_disk(&command, &data, "192m"));
    let mut told = Told::follow(&running);
    let filling = Filling::of(&running, &data);

    let component = root.join("components/counter.go");
    let source = fs::read_to_string(&component).expect("the component");
    let with =
        |text: &str| source.replace("ui.Output(", &format!("ui.Text(\"{text}\"), ui.Output("));
    fs::write(&component, with("first")).expect("written");
    let errors = told
        .errors(|errors| !errors.is_empty())
        .expect("the shop goes on");
    assert!(said(&errors).contains("no space left"), "{}", said(&errors));

    drop(filling);
    fs::write(&component, with("second")).expect("written");
    told.errors(<[Value]>::is_empty).expect("it is compiled");
    let page = running.get("/").text();
    assert!(page.contains("second"), "{page}");
}
