//! The example shop. Everything that is special about it lies in its directory.

use std::process::ExitCode;

fn main() -> ExitCode {
    protium::App::new(env!("CARGO_MANIFEST_DIR")).run()
}
