//! Debian's packages, where this runs as root.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

use crate::workspace::{command, on_path, output, root};
use crate::{Error, Result};

/// A program that PATH has, or that its package brings.
pub fn program(name: &'static str, package: &str) -> Result<PathBuf> {
    // One installs, the others find it.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock();
    if let Some(found) = on_path(&[name]) {
        return Ok(found);
    }
    let installed = install(&[package]);
    on_path(&[name]).ok_or_else(|| Error::NoProgram {
        program: name,
        package: installed
            .err()
            .unwrap_or_else(|| format!("the package {package} did not bring it")),
    })
}

/// Installs packages; an error says why not.
pub(crate) fn install(packages: &[&str]) -> std::result::Result<(), String> {
    let uid = output(Command::new("id").arg("-u")).map_err(|error| error.to_string())?;
    if uid.trim() != "0" || on_path(&["apt-get"]).is_none() {
        return Err("not root on a Debian system".into());
    }
    let apt = |arguments: &[&str]| {
        output(
            command("apt-get", root())
                .env("DEBIAN_FRONTEND", "noninteractive")
                .args(["-qq", "-o", "DPkg::Lock::Timeout=300"])
                .args(arguments),
        )
        .map_err(|error| error.to_string())
    };
    apt(&["update"])?;
    let install = ["install", "-y", "--no-install-recommends"];
    apt(&[&install, packages].concat())?;
    Ok(())
}
