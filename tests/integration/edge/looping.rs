//! Modules that loop are switched off for a while, and others run on.

use protium_wasm::functions::Cause;

use super::{LANES, command, of_sku, open, run, setup};

#[test]
fn a_command_that_loops_again_and_again_is_switched_off() {
    let mut setup = setup(LANES[0]);
    for name in ["looping", "other"] {
        let mut module = command();
        module.limits.cpu_ms = 50;
        module.limits.wall_ms = 60_000;
        module.limits.rest_ms = 3_600_000;
        setup.modules.insert(name.into(), module);
    }
    let edge = open(setup);
    let looping = of_sku("loop", "eu-1");
    let causes: Vec<_> = (0..20)
        .map(|_| run(&edge, "looping", &looping).unwrap_err())
        .collect();
    assert_eq!(causes[0], Cause::Cpu);
    assert_eq!(causes[19], Cause::SwitchedOff);
    let fine = of_sku("HAND-FORK", "eu-1");
    assert_eq!(
        run(&edge, "looping", &fine).unwrap_err(),
        Cause::SwitchedOff
    );
    assert!(run(&edge, "other", &fine).is_ok());
}

#[test]
fn a_command_that_ends_badly_and_soon_is_not_switched_off() {
    let mut setup = setup(LANES[0]);
    let mut module = command();
    module.limits.rest_ms = 3_600_000;
    setup.modules.insert("failing".into(), module);
    let edge = open(setup);
    for _ in 0..20 {
        let failing = run(&edge, "failing", &of_sku("os.Exit", "eu-1"));
        assert!(matches!(failing, Err(Cause::Exit { code: 3, .. })));
    }
}
