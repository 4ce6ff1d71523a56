//! The tests of the components, which are in Go.

use std::process::Command;

#[test]
fn the_components_pass_their_own_tests() {
    // It lays out what they import in components/.protium.
    let built = Command::new(env!("CARGO_BIN_EXE___name__"))
        .arg("build")
        .env(
            "PROTIUM_DATA",
            concat!(env!("CARGO_TARGET_TMPDIR"), "/__name__"),
        )
        .status();
    assert!(built.expect("the program runs").success());
    let tested = Command::new("go")
        .args(["test", "./..."])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/components"))
        .status();
    assert!(tested.expect("Go is installed").success());
}
