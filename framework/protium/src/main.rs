//! `protium`: the commands for a shop in the current directory, or in the one that `--shop` names.

use std::process::ExitCode;

fn main() -> ExitCode {
    protium::App::new(".").run()
}
