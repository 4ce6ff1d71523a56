//! The example shop. What is special about it lies in its directory, but for its journal and, while
//! the variable `DEMO_MILLION` is set, a page that filters a million SKUs.

mod journal;
mod million;

use protium::prelude::*;

fn main() -> ExitCode {
    let app = App::new(env!("CARGO_MANIFEST_DIR"))
        .page("/journal", journal::list)
        .page("/journal/{slug}", journal::entry);
    let app = match std::env::var_os("DEMO_MILLION") {
        Some(_) => million::add_to(app),
        None => app,
    };
    app.run()
}
