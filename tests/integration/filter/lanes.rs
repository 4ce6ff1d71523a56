//! Every lane answers what a plain scan over the columns answers.

use proptest::prelude::*;
use protium_wasm::filter::{Columns, Filter, Query};
use protium_wasm::{Lane, LaneChoice, Variant};
use tokio::runtime::Runtime;

use super::random::Random;
use super::{image, open, setup};

/// A filter of each lane, none of them another lane's in its place: standard Go with SIMD is
/// downloaded, and the processor must run SIMD.
async fn lanes() -> Vec<Filter> {
    let mut lanes = Vec::new();
    for (choice, lane) in [
        (LaneChoice::TinyGo, Lane::TinyGo),
        (LaneChoice::Go, Lane::Go),
    ] {
        for simd in [true, false] {
            let filter = open(setup(choice, simd), &Columns::default()).await;
            assert_eq!(filter.variant(), Variant { lane, simd });
            lanes.push(filter);
        }
    }
    lanes
}

async fn compare(lanes: &[Filter], columns: &Columns, query: &Query) {
    let expected = columns.scan(query).expect("a valid query");
    for filter in lanes {
        let answer = filter
            .query(query.clone())
            .await
            .unwrap_or_else(|error| panic!("{error:?}"));
        assert_eq!(answer, expected, "{}: {query:?}", filter.variant().name());
    }
}

#[test]
fn all_lanes_answer_what_a_scan_answers_also_after_changes() {
    let runtime = Runtime::new().expect("a runtime");
    let lanes = runtime.block_on(lanes());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let case = |seed| {
        let mut random = Random(seed);
        let mut columns = random.columns();
        runtime.block_on(async {
            for filter in &lanes {
                filter.replace(image(&columns)).await.expect("replaced");
            }
            for _ in 0..4 {
                for _ in 0..3 {
                    compare(&lanes, &columns, &random.query(&columns)).await;
                }
                let changes: Vec<_> = (0..20).filter_map(|_| random.change(&columns)).collect();
                for change in &changes {
                    columns.apply(change).expect("a valid change");
                }
                for filter in &lanes {
                    filter.apply(changes.clone()).await.expect("applied");
                }
            }
        });
        Ok(())
    };
    let done = runner.run(&any::<u64>(), case);
    done.unwrap_or_else(|error| panic!("{error}"));
}
