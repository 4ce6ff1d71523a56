//! What is invalid is refused, and what fails does not fail for others.

use std::time::Duration;

use protium_wasm::LaneChoice;
use protium_wasm::filter::{
    Answer, Base, Change, Chosen, Columns, Facet, Filter, FilterError, FilterSetup, NO_RANK, Query,
    RankRange, RowSet,
};

use super::{in_tests, open, setup};

/// Two products with three variants.
fn columns() -> Columns {
    Columns {
        version: 1,
        groups: vec![2, 1],
        facets: vec![
            Facet::One {
                values: 2,
                of_row: vec![0, 1, 1],
            },
            // As many values as a facet can have.
            Facet::Many(vec![RowSet::from_iter([2]); usize::from(u16::MAX)]),
        ],
        sets: vec![RowSet::from_iter([0, 2])],
        ranks: vec![vec![0, 1, NO_RANK]],
        orders: vec![vec![1, 0]],
    }
}

fn page() -> Query {
    Query {
        take: 24,
        ..Query::default()
    }
}

#[tokio::test]
async fn what_there_is_not_is_named_and_the_next_query_is_answered() {
    let columns = columns();
    let filter = open(setup(LaneChoice::Auto, true), &columns).await;
    let chosen = |facet, values| vec![Chosen { facet, values }];
    let range = |column| RankRange {
        column,
        from: 0,
        to: 1,
    };
    let invalid = [
        Query {
            base: Base::Set(1),
            ..page()
        },
        Query {
            base: Base::Groups(vec![2]),
            ..page()
        },
        Query {
            base: Base::Groups(vec![1, 0]),
            ..page()
        },
        Query {
            base: Base::Groups(vec![1, 1]),
            ..page()
        },
        Query {
            required: vec![0, 1],
            ..page()
        },
        Query {
            chosen: chosen(2, vec![0]),
            ..page()
        },
        Query {
            chosen: chosen(0, vec![2]),
            ..page()
        },
        Query {
            chosen: [chosen(0, vec![0]), chosen(0, vec![1])].concat(),
            ..page()
        },
        Query {
            ranges: vec![range(1)],
            ..page()
        },
        Query {
            ranges: vec![range(0), range(0)],
            ..page()
        },
        Query {
            count: vec![2],
            ..page()
        },
        Query {
            bounds: vec![1],
            ..page()
        },
        Query { order: 1, ..page() },
    ];
    for query in invalid {
        let said = columns.scan(&query).expect_err("invalid").to_string();
        let error = filter.query(query.clone()).await.expect_err("invalid");
        assert_eq!(error.to_string(), said, "{query:?}");
    }
    let changes = [
        Change::Set {
            set: 1,
            row: 0,
            on: true,
        },
        Change::Set {
            set: 0,
            row: 3,
            on: true,
        },
        Change::Rank {
            column: 1,
            row: 0,
            rank: 0,
        },
        Change::Rank {
            column: 0,
            row: 0,
            rank: 2,
        },
        Change::Order {
            order: 0,
            groups: vec![0, 0],
        },
    ];
    for change in changes {
        assert!(
            filter.apply(vec![change.clone()]).await.is_err(),
            "{change:?}"
        );
    }
    assert_eq!(
        filter.query(page()).await.expect("an answer").groups,
        [1, 0]
    );
}

#[tokio::test]
async fn what_a_visitor_may_ask_without_sense_has_an_empty_answer() {
    let columns = columns();
    let filter = open(setup(LaneChoice::Auto, true), &columns).await;
    let range = |from, to| {
        let column = 0;
        vec![RankRange { column, from, to }]
    };
    let all: Vec<u16> = (0..u16::MAX).collect();
    for (query, total) in [
        (
            Query {
                ranges: range(1, 0),
                ..page()
            },
            0,
        ),
        (
            Query {
                ranges: range(7, u32::MAX),
                ..page()
            },
            0,
        ),
        (
            Query {
                ranges: range(0, u32::MAX),
                ..page()
            },
            1,
        ),
        (Query { skip: 2, ..page() }, 2),
        (
            Query {
                skip: u32::MAX,
                take: u32::MAX,
                ..page()
            },
            2,
        ),
        (
            Query {
                base: Base::Groups(Vec::new()),
                ..page()
            },
            0,
        ),
        (
            Query {
                chosen: vec![Chosen {
                    facet: 1,
                    values: all,
                }],
                count: vec![1],
                ..page()
            },
            1,
        ),
        (
            Query {
                chosen: vec![Chosen {
                    facet: 0,
                    values: Vec::new(),
                }],
                ..page()
            },
            0,
        ),
    ] {
        let answer = filter.query(query.clone()).await.expect("an answer");
        assert_eq!(
            answer,
            columns.scan(&query).expect("an answer"),
            "{query:?}"
        );
        assert_eq!(answer.total, total, "{query:?}");
    }
}

/// A module that fails where it is told to.
async fn failing() -> Filter {
    let setup = FilterSetup {
        components: in_tests("guests/filter"),
        simd: false,
        deadline: Duration::from_secs(1),
        ..setup(LaneChoice::Auto, false)
    };
    open(setup, &columns()).await
}

/// The answer to a query as soon as there is an instance.
async fn answer(filter: &Filter, query: Query) -> Result<Answer, FilterError> {
    loop {
        match filter.query(query.clone()).await {
            Err(FilterError::Restarting) => tokio::time::sleep(Duration::from_millis(5)).await,
            answer => return answer,
        }
    }
}

#[tokio::test]
async fn after_a_failure_the_next_query_is_answered_with_all_changes() {
    let filter = failing().await;
    let change = |row| Change::Set {
        set: 0,
        row,
        on: true,
    };
    filter
        .apply(vec![change(0), change(1)])
        .await
        .expect("applied");
    let before = filter.query(page()).await.expect("an answer");
    for (take, end) in [
        (13, "trapped"),
        (14, "within its time"),
        (15, "did not answer"),
        (16, "did not answer"),
    ] {
        let query = Query { take, ..page() };
        let error = answer(&filter, query.clone()).await.expect_err("it fails");
        assert!(error.to_string().contains(end), "{take}: {error}");
        let after = answer(&filter, page()).await.expect("an answer");
        assert_eq!(after, before, "{take}");
    }
    filter.apply(vec![change(2)]).await.expect("applied");
    let more = filter.query(page()).await.expect("an answer");
    assert!(more.total > before.total);
}

#[tokio::test]
async fn a_query_that_ended_an_instance_is_not_tried_again() {
    let filter = failing().await;
    let query = Query { take: 13, ..page() };
    let first = answer(&filter, query.clone()).await;
    assert!(
        matches!(first, Err(FilterError::Trapped { .. })),
        "{first:?}"
    );
    answer(&filter, page()).await.expect("an answer");
    let again = answer(&filter, query).await;
    assert!(matches!(again, Err(FilterError::FailedBefore)), "{again:?}");
    let other = Query {
        take: 13,
        skip: 1,
        ..page()
    };
    let other = answer(&filter, other).await;
    assert!(
        matches!(other, Err(FilterError::Trapped { .. })),
        "{other:?}"
    );
}

#[tokio::test]
async fn columns_that_do_not_fit_into_the_memory_are_refused() {
    let setup = FilterSetup {
        memory_bytes: 1 << 20,
        ..setup(LaneChoice::Auto, true)
    };
    let rows = 1 << 19;
    let columns = Columns {
        groups: vec![1; rows],
        ranks: vec![(0..rows as u32).collect()],
        ..Columns::default()
    };
    let error = Filter::open(setup, super::image(&columns)).await.err();
    assert!(
        matches!(error, Some(FilterError::Memory { limit: 1_048_576 })),
        "{error:?}"
    );
}
