//! The catalogue's filter: every lane of its module answers what a plain scan answers, and nothing
//! that is asked of it makes it fail.

mod failures;
mod lanes;
mod random;
mod vectors;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use protium_wasm::LaneChoice;
use protium_wasm::filter::{Columns, Filter, FilterSetup, Image};

fn in_tests(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn setup(lane: LaneChoice, simd: bool) -> FilterSetup {
    let artifacts = Path::new(env!("CARGO_TARGET_TMPDIR")).join("filter-artifacts");
    FilterSetup {
        lane,
        simd,
        // Out of reach of any query, also on a busy machine.
        deadline: std::time::Duration::from_secs(20),
        ..FilterSetup::new(in_tests("../components-go"), artifacts)
    }
}

fn image(columns: &Columns) -> Arc<Image> {
    Arc::new(Image::new(columns).expect("columns that fit together"))
}

async fn open(setup: FilterSetup, columns: &Columns) -> Filter {
    let filter = Filter::open(setup, image(columns)).await;
    filter.unwrap_or_else(|error| panic!("{error:?}"))
}
