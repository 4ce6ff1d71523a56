//! tests/vectors/filter.json: an image, queries before and after changes, and their answers, which
//! the browser's side has to give too.

use protium_wasm::filter::{
    Answer, Base, Change, Chosen, Columns, Facet, Image, NO_RANK, NO_VALUE, Query, RankRange,
};
use serde_json::{Value, json};
use tests::random::next;
use tests::workspace::path;

/// Numbers that only look random, by their state.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u32) -> u32 {
        (next(&mut self.0) % u64::from(limit)) as u32
    }

    fn some(&mut self, limit: u32) -> Vec<u32> {
        (0..limit).filter(|_| self.below(3) == 0).collect()
    }
}

const GROUPS: u32 = 60;
const VALUES: [u32; 3] = [5, 4, 3];
const SETS: u32 = 2;
const RANKS: [u32; 2] = [50, 70_000];

/// Few rows, with two groups that are longer than a word, and ranks of 16 and of 32 bits.
fn columns(numbers: &mut Numbers) -> Columns {
    let rows_of = |group, numbers: &mut Numbers| match group {
        20 => 70,
        40 => 64,
        _ => 1 + numbers.below(5),
    };
    let groups: Vec<u32> = (0..GROUPS).map(|group| rows_of(group, numbers)).collect();
    let rows: u32 = groups.iter().sum();
    let mut of_group = |limit: u32| -> Vec<u16> {
        let values = groups.iter().flat_map(|rows| {
            let value = numbers.below(limit) as u16;
            std::iter::repeat_n(value, *rows as usize)
        });
        values.collect()
    };
    let by_group = of_group(VALUES[1]);
    let value = |numbers: &mut Numbers| match numbers.below(VALUES[0] + 1) as u16 {
        5 => NO_VALUE,
        value => value,
    };
    let by_row = (0..rows).map(|_| value(numbers)).collect();
    let mut ranks = |limit: u32| -> Vec<u32> {
        let rank = |row| match (row, numbers.below(8)) {
            (0, _) => limit - 1,
            (_, 0) => NO_RANK,
            _ => numbers.below(limit),
        };
        (0..rows).map(rank).collect()
    };
    let ranks = RANKS.map(&mut ranks).to_vec();
    let mut order: Vec<u32> = (0..GROUPS).collect();
    order.sort_by_cached_key(|_| numbers.below(1 << 20));
    Columns {
        version: 3,
        facets: vec![
            Facet::One {
                values: VALUES[0] as u16,
                of_row: by_row,
            },
            Facet::One {
                values: VALUES[1] as u16,
                of_row: by_group,
            },
            Facet::Many(
                (0..VALUES[2])
                    .map(|_| numbers.some(rows).into_iter().collect())
                    .collect(),
            ),
        ],
        sets: (0..SETS)
            .map(|_| numbers.some(rows).into_iter().collect())
            .collect(),
        ranks,
        orders: vec![(0..GROUPS).collect(), order],
        groups,
    }
}

fn query(numbers: &mut Numbers) -> Query {
    let base = match numbers.below(4) {
        0 => Base::Set(numbers.below(SETS)),
        1 => Base::Groups(numbers.some(GROUPS)),
        _ => Base::All,
    };
    let facets = numbers.some(3);
    let chosen = facets.iter().map(|facet| Chosen {
        facet: *facet as u16,
        values: {
            let values = numbers.some(VALUES[*facet as usize]);
            values.into_iter().map(|value| value as u16).collect()
        },
    });
    let chosen = chosen.collect();
    let columns = numbers.some(2);
    let ranges = columns.iter().map(|column| {
        let limit = RANKS[*column as usize];
        RankRange {
            column: *column as u16,
            from: numbers.below(limit / 2),
            to: numbers.below(limit),
        }
    });
    let ranges = ranges.collect();
    Query {
        base,
        required: numbers.some(SETS),
        chosen,
        ranges,
        count: vec![2, 0, 1],
        bounds: vec![0, 1],
        order: numbers.below(2) as u16,
        reversed: numbers.below(2) == 1,
        skip: numbers.below(4),
        take: numbers.below(30),
    }
}

fn change(numbers: &mut Numbers, rows: u32) -> Change {
    let row = numbers.below(rows);
    let column = numbers.below(2);
    match numbers.below(2) {
        0 => Change::Set {
            set: numbers.below(SETS),
            row,
            on: numbers.below(2) == 1,
        },
        _ => Change::Rank {
            column: column as u16,
            row,
            rank: numbers.below(RANKS[column as usize]),
        },
    }
}

fn query_json(query: &Query) -> Value {
    let mut written = json!({
        "required": query.required,
        "chosen": query.chosen.iter().map(|one| json!({
            "facet": one.facet, "values": one.values,
        })).collect::<Value>(),
        "ranges": query.ranges.iter().map(|one| json!({
            "column": one.column, "from": one.from, "to": one.to,
        })).collect::<Value>(),
        "count": query.count,
        "bounds": query.bounds,
        "order": query.order,
        "reversed": query.reversed,
        "skip": query.skip,
        "take": query.take,
    });
    match &query.base {
        Base::All => {}
        Base::Set(set) => written["base"] = json!({ "set": set }),
        Base::Groups(groups) => written["base"] = json!({ "groups": groups }),
    }
    written
}

fn answer_json(answer: &Answer) -> Value {
    json!({
        "total": answer.total,
        "groups": answer.groups,
        "counts": answer.counts,
        "bounds": answer.bounds,
    })
}

fn change_json(change: &Change) -> Value {
    match change {
        Change::Set { set, row, on } => json!({ "set": set, "row": row, "on": on }),
        Change::Rank { column, row, rank } => {
            json!({ "column": column, "row": row, "rank": rank })
        }
        Change::Order { order, groups } => json!({ "order": order, "groups": groups }),
    }
}

fn asked(columns: &Columns, numbers: &mut Numbers) -> Value {
    let ask = |_| {
        let query = query(numbers);
        let answer = columns.scan(&query).expect("a query of what there is");
        json!({ "query": query_json(&query), "answer": answer_json(&answer) })
    };
    (0..30).map(ask).collect()
}

#[test]
fn the_vectors_are_what_a_scan_of_the_columns_answers() {
    let mut numbers = Numbers(11);
    let mut columns = columns(&mut numbers);
    let image = Image::new(&columns).expect("columns that fit together");
    let before = asked(&columns, &mut numbers);
    let rows: u32 = columns.groups.iter().sum();
    let mut changes: Vec<Change> = (0..40).map(|_| change(&mut numbers, rows)).collect();
    changes.push(Change::Order {
        order: 0,
        groups: (0..GROUPS).rev().collect(),
    });
    for change in &changes {
        columns.apply(change).expect("a change of what there is");
    }
    let expected = json!({
        "image": image.bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
        "before": before,
        "changes": changes.iter().map(change_json).collect::<Value>(),
        "after": asked(&columns, &mut numbers),
    });
    let file = path("tests/vectors/filter.json");
    if std::env::var_os("PROTIUM_FILL").is_some() {
        std::fs::write(&file, format!("{expected}\n")).expect("written");
    }
    let found = std::fs::read(&file).expect("the vectors");
    let found: Value = serde_json::from_slice(&found).expect("JSON");
    assert!(
        found == expected,
        "{} is not what the columns answer: run this test with PROTIUM_FILL=1",
        file.display()
    );
}
