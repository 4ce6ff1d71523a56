//! The example shop. What is special about it lies in its directory, but for its journal.

mod journal;

use protium::prelude::*;

fn main() -> ExitCode {
    App::new(env!("CARGO_MANIFEST_DIR"))
        .page("/journal", journal::list)
        .page("/journal/{slug}", journal::entry)
        .run()
}
