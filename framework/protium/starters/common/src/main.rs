//! The program of the shop. What it does beyond the framework is added to the `App`: pages with
//! data, routes, layers, filters for templates.

use protium::prelude::*;

fn main() -> ExitCode {
    App::new(env!("CARGO_MANIFEST_DIR")).run()
}
