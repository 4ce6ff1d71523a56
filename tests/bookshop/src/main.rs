use std::process::ExitCode;

fn main() -> ExitCode {
    protium::App::new(env!("CARGO_MANIFEST_DIR")).run()
}
