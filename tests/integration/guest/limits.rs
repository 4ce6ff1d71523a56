//! What a hostile guest can do to its host: nothing but fail. The guest is `tests/guests/hostile`,
//! built by TinyGo when it is on PATH, else by Go, and once more by Go in any case.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use protium_wasm::{
    Batch, Cause, GuestError, Host, IslandCall, IslandOutcome, Lane, LaneChoice, Limits, Pool,
    Rendered, Value,
};

use super::{hostile, render, runtime, start};

/// Both lanes. Their limits on time are out of reach of what does not loop, even on a slow machine.
fn hosts() -> [&'static Host; 2] {
    static HOSTS: OnceLock<[Host; 2]> = OnceLock::new();
    let hosts = HOSTS.get_or_init(|| {
        [LaneChoice::Auto, LaneChoice::Go].map(|lane| {
            let mut config = hostile(lane);
            // Half of them may compute for long at one time, as sixteen do in one test, in turns.
            config.pool.instances = 64;
            config.limits = Limits {
                cpu_ms: 2_000,
                wall_ms: 60_000,
                queue_ms: 60_000,
                // Many tests share it, and some loop.
                rest_ms: 0,
                ..Limits::default()
            };
            start(config)
        })
    });
    [&hosts[0], &hosts[1]]
}

fn island(component: &str, at: usize) -> IslandCall {
    IslandCall {
        component: component.into(),
        id: format!("{component}-{at}"),
        props: Value::Record(vec![]),
        hydrate: "load".into(),
    }
}

fn batch(components: &[&str]) -> Batch {
    let islands = components
        .iter()
        .enumerate()
        .map(|(at, component)| island(component, at + 1))
        .collect();
    Batch {
        ctx: Value::Record(vec![]),
        stores: Value::Null,
        islands,
    }
}

/// How each island ended: `None` when it was rendered.
fn causes(rendered: &Rendered) -> Vec<Option<Cause>> {
    let cause = |outcome: &IslandOutcome| match outcome {
        IslandOutcome::Done(_) => None,
        IslandOutcome::Failed(failed) => Some(failed.cause),
    };
    rendered.islands.iter().map(cause).collect()
}

fn message(rendered: &Rendered, at: usize) -> &str {
    match &rendered.islands[at] {
        IslandOutcome::Done(_) => panic!("island {at} was rendered"),
        IslandOutcome::Failed(failed) => &failed.message,
    }
}

#[test]
fn a_component_that_fails_costs_itself_only() {
    let culprits = [
        ("trap", Cause::Trap),
        ("loop", Cause::Cpu),
        ("alloc", Cause::Trap),
        ("recurse", Cause::Trap),
        ("refuse", Cause::Refused),
        ("few", Cause::InvalidOutput),
        ("flood", Cause::Output),
        ("wild-result", Cause::InvalidOutput),
    ];
    for host in hosts() {
        for (culprit, cause) in culprits {
            let rendered = render(host, &batch(&["fine", "fine", culprit, "fine"]));
            let said = message(&rendered, 2);
            assert_eq!(
                causes(&rendered),
                [None, None, Some(cause), None],
                "{culprit} {}: {said}",
                host.lane()
            );
            let html = [0, 1, 3].map(|at| rendered.island(at).unwrap());
            let expected = [1, 2, 4].map(|at| format!("<p data-go-id=\"fine-{at}\">fine</p>"));
            assert_eq!(
                html,
                expected.each_ref().map(String::as_str),
                "{culprit} {}",
                host.lane()
            );
            let IslandOutcome::Failed(failed) = &rendered.islands[2] else {
                unreachable!()
            };
            assert_eq!(
                (failed.component.as_str(), failed.id.as_str()),
                (culprit, format!("{culprit}-3").as_str())
            );
        }
    }
}

#[test]
fn a_frame_that_lies_about_its_count_keeps_nothing_and_the_rest_is_rendered_anew() {
    for host in hosts() {
        let rendered = render(host, &batch(&["many", "fine"]));
        assert_eq!(causes(&rendered), [Some(Cause::InvalidOutput), None]);
    }
}

#[test]
fn after_three_restarts_the_rest_is_given_up() {
    for host in hosts() {
        let rendered = render(
            host,
            &batch(&[
                "fine", "trap", "trap", "fine", "trap", "trap", "fine", "fine",
            ]),
        );
        let trap = Some(Cause::Trap);
        let given_up = Some(Cause::GivenUp);
        assert_eq!(
            causes(&rendered),
            [None, trap, trap, None, trap, trap, given_up, given_up]
        );
        assert_eq!(rendered.restarts, 3);
    }
}

#[test]
fn the_message_of_a_guest_is_one_clean_line() {
    for host in hosts() {
        let rendered = render(host, &batch(&["trap", "refuse"]));
        let said = message(&rendered, 0);
        assert!(
            said.contains("component trap: the  [31mpanic  of this test"),
            "{said}"
        );
        assert_eq!(message(&rendered, 1), "this input is not for me");
    }
}

#[test]
fn what_a_guest_writes_to_its_outputs_is_dropped() {
    for host in hosts() {
        assert_eq!(
            causes(&render(host, &batch(&["chatter", "fine"]))),
            [None, None]
        );
    }
}

#[test]
fn render_is_pure_in_the_go_lane_too() {
    let [_, host] = hosts();
    assert_eq!(host.lane(), Lane::Go);
    let rendered = render(host, &batch(&["clock", "random", "fine"]));
    assert_eq!(
        causes(&rendered),
        [Some(Cause::Trap), Some(Cause::Trap), None]
    );
    assert!(
        message(&rendered, 0).contains("Render is pure: time comes from the context"),
        "{}",
        message(&rendered, 0)
    );
    assert!(
        message(&rendered, 1).contains("Render is pure"),
        "{}",
        message(&rendered, 1)
    );
}

#[test]
fn a_component_that_leaves_garbage_is_rendered_all_the_same() {
    for host in hosts() {
        let rendered = render(host, &batch(&["fine", "garbage", "garbage", "fine"]));
        assert_eq!(causes(&rendered), [None; 4], "{}", host.lane());
        assert_eq!(rendered.restarts, 0);
    }
}

#[test]
fn html_that_is_not_text_is_repaired_and_the_slot_keeps_its_place() {
    for host in hosts() {
        let mut batch = batch(&["fine", "raw"]);
        batch.islands[1].props = Value::record([("before", Value::from("ä"))]);
        let rendered = render(host, &batch);
        assert_eq!(rendered.island(1), Some("<p>ä\u{FFFD}\u{FFFD}</p>"));
        let IslandOutcome::Done(done) = &rendered.islands[1] else {
            panic!("not rendered")
        };
        assert_eq!(&rendered.html[done.slot.unwrap()..], "</p>");
        assert_eq!(done.digest, 8 << 32 | 0xDEAD_BEEF);
    }
}

#[test]
fn development_names_components_that_render_differently_with_another_seed() {
    let mut config = hostile(LaneChoice::Auto);
    config.dev = true;
    let host = start(config);
    let rendered = render(&host, &batch(&["fine", "seeded", "fine"]));
    assert_eq!(rendered.unstable, [1]);
    assert_eq!(rendered.island(1), Some("<p>b</p>"));
}

#[test]
fn the_limit_on_the_whole_call_holds_over_restarts() {
    let mut config = hostile(LaneChoice::Auto);
    config.limits = Limits {
        cpu_ms: 60_000,
        wall_ms: 300,
        ..Limits::default()
    };
    let host = start(config);
    let began = Instant::now();
    let rendered = render(&host, &batch(&["fine", "loop", "fine"]));
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(
        causes(&rendered),
        [None, Some(Cause::Wall), Some(Cause::Wall)]
    );
}

#[test]
fn a_guest_that_computes_does_not_keep_other_tasks_from_running() {
    let [host, _] = hosts();
    let single = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let turns = single.block_on(async {
        let looping = batch(&["loop"]);
        let render = host.render(&looping);
        let mut turns = 0;
        tokio::pin!(render);
        loop {
            tokio::select! {
                biased;
                _ = &mut render => return turns,
                () = tokio::task::yield_now() => turns += 1,
            }
        }
    });
    assert!(turns >= 2, "{turns} turns");
}

#[test]
fn a_full_pool_is_an_error_that_says_when_to_try_again() {
    let mut config = hostile(LaneChoice::Auto);
    config.pool = Pool {
        instances: 1,
        ..Pool::default()
    };
    config.limits = Limits {
        cpu_ms: 3_000,
        wall_ms: 3_000,
        queue_ms: 20,
        ..Limits::default()
    };
    let host = start(config);
    let (first, second) = runtime().block_on(async {
        let (looping, fine) = (batch(&["loop"]), batch(&["fine"]));
        tokio::join!(host.render(&looping), async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            host.render(&fine).await
        })
    });
    assert!(first.is_ok());
    assert!(matches!(
        second, Err(GuestError::Busy { retry_after }) if retry_after >= Duration::from_secs(1)
    ));
    assert_eq!(
        causes(&render(&host, &batch(&["fine"]))),
        [None],
        "the pool is free again"
    );
}

#[test]
fn too_much_input_is_refused_before_the_guest_sees_it() {
    let [host, _] = hosts();
    let many = batch(&vec!["fine"; Limits::default().islands + 1]);
    let result = runtime().block_on(host.render(&many));
    assert!(matches!(
        result,
        Err(GuestError::TooManyIslands {
            found: 2001,
            limit: 2000
        })
    ));

    let mut large = batch(&["fine"]);
    large.ctx = Value::record([("path", Value::Text("x".repeat(5 << 20)))]);
    assert!(matches!(
        runtime().block_on(host.render(&large)),
        Err(GuestError::Input(_))
    ));

    let mut deep = batch(&["fine", "fine"]);
    deep.islands[0].props = Value::record([(
        "deep",
        (0..20).fold(Value::Null, |inner, _| Value::List(vec![inner])),
    )]);
    assert_eq!(causes(&render(host, &deep)), [Some(Cause::Refused), None]);
}

#[test]
fn as_many_islands_as_are_allowed_are_rendered() {
    for host in hosts() {
        let rendered = render(host, &batch(&vec!["fine"; Limits::default().islands]));
        assert!(causes(&rendered).iter().all(Option::is_none));
    }
}

#[test]
fn an_empty_batch_needs_no_instance() {
    let [host, _] = hosts();
    assert_eq!(render(host, &batch(&[])).html, "");
}

#[test]
fn instances_share_nothing() {
    for host in hosts() {
        let one = batch(&["compute", "fine"]);
        let first = render(host, &one);
        let results: Vec<_> = runtime().block_on(async {
            let mut tasks = tokio::task::JoinSet::new();
            for _ in 0..16 {
                let (host, one) = (host.clone(), one.clone());
                tasks.spawn(async move { host.render(&one).await.unwrap() });
            }
            tasks.join_all().await
        });
        assert!(
            results
                .iter()
                .all(|rendered| rendered.html == first.html && rendered.islands == first.islands)
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_a_guest_leaves_in_its_frame_is_survived(
        words in prop::collection::vec(
            prop_oneof![Just(0), 0_i64..5, 0_i64..200_000, 0_i64..=u32::MAX.into()], 16
        ),
        status in 0_i64..3,
        trap: bool,
    ) {
        let host = hosts()[0];
        let mut batch = batch(&["fine", "frame", "fine"]);
        let words = words.into_iter().map(Value::Int).collect();
        let mut props = vec![
            ("words".to_owned(), Value::List(words)), ("status".to_owned(), Value::Int(status))
        ];
        if trap {
            props.push(("trap".to_owned(), Value::from("yes")));
        }
        batch.islands[1].props = Value::Record(props);
        let rendered = render(host, &batch);
        for at in 0..3 {
            if let IslandOutcome::Done(done) = &rendered.islands[at] {
                prop_assert!(rendered.html.get(done.html.clone()).is_some());
                let inside = done.slot.is_none_or(
                    |slot| done.html.start <= slot && slot <= done.html.end
                );
                prop_assert!(
                    inside && done.slot.is_none_or(|slot| rendered.html.is_char_boundary(slot))
                );
            }
        }
    }
}
