//! A data directory on a disk of its own, which is soon full.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::http::after;
use crate::program::Running;

/// The command, for which the directory of data is a disk of its own, of this size, with what was
/// in it.
pub fn on_a_small_disk(command: &Command, data: &Path, size: &str) -> Command {
    let data = data.display();
    let mount = format!("mount -t tmpfs -o size={size} disk {data}");
    let copied = format!("{{ cp -a {data}.copy/. {data}/ 2>/dev/null || true; }}");
    let shell = after(
        command,
        &format!("cp -a {data} {data}.copy && {mount} && {copied}"),
    );
    let mut unshare = Command::new("unshare");
    unshare
        .args(["--map-root-user", "--mount"])
        .arg(shell.get_program())
        .args(shell.get_args())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (name, value) in shell.get_envs() {
        match value {
            Some(value) => unshare.env(name, value),
            None => unshare.env_remove(name),
        };
    }
    unshare
}

/// What takes all the room on a disk, until it is dropped.
pub struct Filling(PathBuf);

impl Filling {
    /// Fills the disk with the data of a program that runs.
    pub fn of(running: &Running, data: &Path) -> Filling {
        let disk = format!("/proc/{}/root{}", running.process.0.id(), data.display());
        let path = Path::new(&disk).join("filling");
        let mut file = File::create(&path).expect("the disk");
        let mut size = 1 << 20;
        while size > 0 {
            if file.write_all(&vec![1; size]).is_err() {
                size /= 2;
            }
        }
        Filling(path)
    }
}

impl Drop for Filling {
    fn drop(&mut self) {
        // The disk may be gone with its program.
        let _ = std::fs::remove_file(&self.0);
    }
}
