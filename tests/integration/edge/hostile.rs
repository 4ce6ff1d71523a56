//! Kit modules that loop, grow, flood and guess: each run ends at its limit, with a named error,
//! and others keep their answers.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use protium_wasm::functions::{Cause, Edge, EdgeError, EdgeSetup, ModuleConfig};
use protium_wasm::{
    BackendGrant, BreakerSettings, Capabilities, LaneChoice, ModuleError, RunLimits,
};

use super::aggregator::{Aggregator, Mood};
use super::{LANES, in_tests, inventory, of_sku, open, run, runtime, setup};

/// The module that does what SKU_ID says. Its limits on time are out of reach of what does not
/// loop, even on a slow machine: each fault reaches the limit that its test is about.
pub fn hostile(url: &str) -> ModuleConfig {
    let aggregator = BackendGrant {
        address: format!("{url}/below"),
        regions: [].into(),
        methods: ["GET".to_owned()].into(),
        headers: [].into(),
        timeout_ms: 5_000,
        body_bytes: 1_000,
        breaker: BreakerSettings {
            failures: 1_000_000,
            ..BreakerSettings::default()
        },
    };
    ModuleConfig {
        package: "hostile".into(),
        limits: RunLimits {
            cpu_ms: 10_000,
            wall_ms: 30_000,
            instances: 16,
            rest_ms: 0,
            ..RunLimits::default()
        },
        grants: Capabilities {
            key_value: vec!["own:".into()],
            random: true,
            backends: [("aggregator".to_owned(), aggregator)].into(),
            ..Capabilities::default()
        },
        ..ModuleConfig::default()
    }
}

pub fn guests(lane: LaneChoice) -> EdgeSetup {
    let mut setup = setup(lane);
    setup.components = in_tests("guests/edge");
    setup
}

pub fn aggregator() -> &'static Aggregator {
    static AGGREGATOR: OnceLock<Aggregator> = OnceLock::new();
    AGGREGATOR.get_or_init(|| {
        let aggregator = Aggregator::start();
        aggregator.set(Mood::Slow);
        aggregator
    })
}

/// The same module for faults that loop: its limit on computing is soon reached.
fn hurried(url: &str) -> ModuleConfig {
    let mut module = hostile(url);
    module.limits.cpu_ms = 300;
    module
}

/// Both modules in both lanes.
fn edges() -> [&'static Edge; 2] {
    static EDGES: OnceLock<[Edge; 2]> = OnceLock::new();
    let edges = EDGES.get_or_init(|| {
        LANES.map(|lane| {
            let mut setup = guests(lane);
            setup.environment = [("PATH", "/bin"), ("PROTIUM_SECRET", "secret")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into();
            let url = aggregator().url();
            setup.modules.insert("hostile".into(), hostile(&url));
            setup.modules.insert("hurried".into(), hurried(&url));
            open(setup)
        })
    });
    [&edges[0], &edges[1]]
}

fn ends(edge: &Edge, what: &str) -> Result<String, Cause> {
    let answer = run(edge, "hostile", &of_sku(what, "eu-1"))?;
    Ok(String::from_utf8_lossy(&answer.body).into_owned())
}

/// How a fault that loops ends.
fn looping_ends(edge: &Edge, what: &str) -> Cause {
    run(edge, "hurried", &of_sku(what, "eu-1")).unwrap_err()
}

fn not_granted(what: &str) -> Result<String, Cause> {
    Err(Cause::NotGranted { what: what.into() })
}

#[test]
fn a_loop_reaches_the_limit_on_computing() {
    for edge in edges() {
        assert_eq!(looping_ends(edge, "loop"), Cause::Cpu);
    }
}

#[test]
fn allocation_reaches_the_limit_on_memory() {
    for edge in edges() {
        assert_eq!(ends(edge, "allocate"), Err(Cause::Memory));
    }
}

#[test]
fn recursion_ends() {
    for edge in edges() {
        let end = ends(edge, "recurse").unwrap_err();
        assert!(
            matches!(end, Cause::Stack | Cause::Memory | Cause::Trap { .. }),
            "{end}"
        );
    }
}

#[test]
fn goroutines_without_end_reach_a_limit() {
    let [tinygo, go] = edges();
    let end = looping_ends(tinygo, "goroutines");
    assert!(matches!(end, Cause::Trap { .. }), "{end}");
    let end = looping_ends(go, "goroutines");
    assert!(matches!(end, Cause::Memory | Cause::Cpu), "{end}");
}

#[test]
fn an_answer_that_is_too_large_is_none() {
    for edge in edges() {
        assert_eq!(ends(edge, "flood"), Err(Cause::Output));
    }
}

#[test]
fn lines_over_the_limit_are_not_logged() {
    for edge in edges() {
        assert_eq!(ends(edge, "log"), Ok("fine".into()));
    }
}

#[test]
fn calls_of_the_host_and_of_backends_are_counted() {
    for edge in edges() {
        let what = "the host (limits.host_calls)";
        assert_eq!(ends(edge, "calls"), Err(Cause::Calls { what }));
        let what = "backends (limits.backend_calls)";
        assert_eq!(ends(edge, "backends"), Err(Cause::Calls { what }));
    }
}

#[test]
fn keys_of_other_modules_are_not_granted() {
    for edge in edges() {
        let read = not_granted("the key `price:eu-1:HAND-FORK`");
        assert_eq!(ends(edge, "foreign key"), read);
        assert_eq!(
            ends(edge, "foreign key, written"),
            not_granted("the key `other:key`")
        );
    }
}

#[test]
fn a_value_that_is_too_large_is_refused() {
    for edge in edges() {
        let message = "the answer is too large".into();
        assert_eq!(ends(edge, "large value"), Err(Cause::Failed { message }));
    }
}

#[test]
fn a_value_that_is_to_be_kept_for_ever_is_kept() {
    for edge in edges() {
        assert_eq!(ends(edge, "for ever"), Ok("kept".into()));
    }
}

#[test]
fn a_backend_is_called_as_its_manifest_says() {
    for edge in edges() {
        assert_eq!(
            ends(edge, "foreign backend"),
            not_granted("a backend `intranet`")
        );
        let of = |what: &str| not_granted(&format!("{what} of backend `aggregator`"));
        assert_eq!(ends(edge, "method"), of("the method `DELETE`"));
        assert_eq!(ends(edge, "header"), of("the header `host`"));
        assert_eq!(ends(edge, "path"), of("the path `/../admin`"));
    }
}

#[test]
fn the_servers_environment_is_not_there() {
    for edge in edges() {
        assert_eq!(ends(edge, "environment"), Ok(String::new()));
    }
}

#[test]
fn what_a_module_says_of_its_failure_is_one_clean_line() {
    for edge in edges() {
        let message = "not today".into();
        assert_eq!(ends(edge, "fail"), Err(Cause::Failed { message }));
        let end = ends(edge, "panic").unwrap_err().to_string();
        assert!(!end.contains('\n'), "{end}");
    }
    // TinyGo makes one function of the whole module, in which no place is told from another.
    let [_, go] = edges();
    let end = ends(go, "panic").unwrap_err().to_string();
    assert!(end.contains(" at hostile/main.go:55: "), "{end}");
}

#[test]
fn a_module_of_any_name_is_asked_with_any_input() {
    let mut setup = guests(LANES[0]);
    setup.environment = [("SKU_ID".to_owned(), "echo".to_owned())].into();
    let module = hostile(&aggregator().url());
    setup.modules.insert("any-name-9".into(), module);
    let edge = open(setup);
    runtime().block_on(async {
        let answer = edge.ask("any-name-9", "{\"isbn\":\"ä\"}").await.unwrap();
        assert_eq!(answer.body, "{\"isbn\":\"ä\"}");
        let error = edge.ask("no-such", "").await.unwrap_err();
        assert_eq!(
            (error.module.as_str(), error.cause),
            ("no-such", Cause::Unknown)
        );
    });
}

#[test]
fn a_run_is_told_of_its_deadline_before_it_is_ended() {
    for edge in edges() {
        let mut of = of_sku("wait", "eu-1");
        of.deadline = Some(Duration::from_millis(100));
        let began = Instant::now();
        let message = "the run's deadline has passed".into();
        assert_eq!(run(edge, "hostile", &of), Err(Cause::Failed { message }));
        assert!(began.elapsed() < Duration::from_secs(10));
    }
}

#[test]
fn a_run_that_nobody_waits_for_any_more_ends() {
    let [edge, _] = edges();
    let began = Instant::now();
    runtime().block_on(async {
        let waiting = of_sku("wait", "eu-1");
        let run = edge.run("hostile", &waiting);
        assert!(
            tokio::time::timeout(Duration::from_millis(50), run)
                .await
                .is_err()
        );
    });
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(ends(edge, "fine"), Ok("fine".into()));
}

#[test]
fn init_runs_once_and_every_run_begins_where_it_left() {
    for edge in edges() {
        assert_eq!(ends(edge, "init"), Ok("made by Init".into()));
        for _ in 0..3 {
            assert_eq!(
                ends(edge, "count"),
                Ok("1".into()),
                "a fresh instance counts anew"
            );
        }
        assert_eq!(ends(edge, "random"), Ok("4".into()));
    }
}

#[test]
fn handle_is_given_the_input() {
    for edge in edges() {
        let mut of = of_sku("echo", "eu-1");
        of.input = "ä".repeat(10_000);
        assert_eq!(run(edge, "hostile", &of).unwrap().body, of.input.as_bytes());
    }
}

#[test]
fn an_instance_that_is_reused_is_retired_after_its_last_run_and_after_a_trap() {
    for lane in LANES {
        let mut setup = guests(lane);
        let mut module = hostile(&aggregator().url());
        module.reuse = 3;
        setup.modules.insert("hostile".into(), module);
        let edge = open(setup);
        let counts = || ["count"; 4].map(|what| ends(&edge, what).unwrap());
        assert_eq!(counts(), ["1", "2", "3", "1"]);
        assert!(ends(&edge, "panic").is_err());
        assert_eq!(counts(), ["1", "2", "3", "1"]);
    }
}

#[test]
fn others_keep_their_answers() {
    const FAULTS: [&str; 7] = [
        "loop",
        "allocate",
        "recurse",
        "flood",
        "panic",
        "foreign key",
        "backends",
    ];
    for edge in edges() {
        let fine = runtime().block_on(async {
            let mut faults = tokio::task::JoinSet::new();
            let mut others = tokio::task::JoinSet::new();
            for round in 0..42 {
                let edge = edge.clone();
                let mut of = of_sku("echo", "eu-1");
                of.input = format!("run {round}");
                let fault = of_sku(FAULTS[round % FAULTS.len()], "eu-1");
                let (faulty, other) = (edge.clone(), edge);
                faults.spawn(async move { faulty.run("hurried", &fault).await });
                others.spawn(async move {
                    let answer = other.run("hostile", &of).await;
                    answer.map(|answer| answer.body == of.input.as_bytes())
                });
            }
            assert!(faults.join_all().await.iter().all(Result::is_err));
            others.join_all().await
        });
        assert!(fine.iter().all(|answer| *answer == Ok(true)), "{fine:?}");
    }
}

#[test]
fn a_full_module_says_so() {
    let mut setup = guests(LANES[0]);
    let mut module = hostile(&aggregator().url());
    module.limits.instances = 1;
    module.limits.queue_ms = 20;
    setup.modules.insert("hostile".into(), module);
    let edge = open(setup);
    let (waiting, fine) = (of_sku("wait", "eu-1"), of_sku("fine", "eu-1"));
    let busy = runtime().block_on(async {
        let first = edge.run("hostile", &waiting);
        let second = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            edge.run("hostile", &fine).await
        };
        tokio::join!(first, second).1
    });
    assert_eq!(busy.unwrap_err().cause, Cause::Busy);
    assert_eq!(ends(&edge, "fine"), Ok("fine".into()));
}

/// Why a module is refused.
fn refused(setup: EdgeSetup) -> String {
    match runtime().block_on(Edge::open(setup)) {
        Err(EdgeError::Module {
            source: ModuleError::Import(import),
            ..
        }) => import.to_string(),
        Err(error) => error.to_string(),
        Ok(_) => "not refused".to_owned(),
    }
}

#[test]
fn a_module_that_imports_more_than_it_is_granted_is_refused_by_name() {
    for lane in LANES {
        let with = |change: fn(&mut Capabilities)| {
            let mut setup = setup(lane);
            let mut module = inventory();
            change(&mut module.grants);
            setup.modules.insert("inventory".into(), module);
            refused(setup)
        };
        let said = with(|grants| grants.database = false);
        assert!(
            said.contains("protium_edge.database_get") && said.contains("`database = true`"),
            "{said}"
        );
        let said = with(|grants| grants.clock = false);
        assert!(
            said.contains("protium_edge.now") && said.contains("`clock = true`"),
            "{said}"
        );
        let said = with(|grants| grants.key_value.clear());
        assert!(said.contains("protium_edge.key_value_"), "{said}");

        let mut setup = guests(lane);
        let foreign = ModuleConfig {
            package: "foreign".into(),
            ..ModuleConfig::default()
        };
        setup.modules.insert("foreign".into(), foreign);
        let said = refused(setup);
        assert!(said.contains("env.read_secrets"), "{said}");
    }
}

#[test]
fn a_backend_without_an_address_is_refused_at_start() {
    for address in [
        "",
        "prices.example",
        "file:///etc/passwd",
        "http://prices.example/?a=b",
    ] {
        let mut setup = guests(LANES[0]);
        let mut module = hostile("http://127.0.0.1:1");
        if let Some(backend) = module.grants.backends.get_mut("aggregator") {
            backend.address = address.into();
        }
        setup.modules.insert("hostile".into(), module);
        let said = refused(setup);
        assert!(
            said.contains("modules.hostile.grants.backends.aggregator"),
            "{said}"
        );
    }
}
