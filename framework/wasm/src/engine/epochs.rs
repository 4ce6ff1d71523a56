//! Epoch interruption of guests: one thread for all engines of the process, which ends with the
//! last of them.

use std::time::Duration;

use parking_lot::Mutex;
use wasmtime::{Engine, EngineWeak};

use crate::error::GuestError;

/// The interval at which guests are interrupted.
pub(crate) const SLICE: Duration = Duration::from_millis(1);

static CLOCK: Mutex<Clock> = Mutex::new(Clock {
    engines: Vec::new(),
    running: false,
});

struct Clock {
    engines: Vec<EngineWeak>,
    running: bool,
}

/// Interrupts guests of this engine from now on.
pub(super) fn start(engine: &Engine) -> Result<(), GuestError> {
    let mut clock = CLOCK.lock();
    if !clock.running {
        std::thread::Builder::new()
            .name("protium-epoch".to_owned())
            .spawn(run)
            .map_err(|error| GuestError::Engine(wasmtime::Error::new(error)))?;
        clock.running = true;
    }
    clock.engines.push(engine.weak());
    Ok(())
}

fn run() {
    loop {
        std::thread::sleep(SLICE);
        let mut clock = CLOCK.lock();
        clock.engines.retain(|engine| match engine.upgrade() {
            Some(engine) => {
                engine.increment_epoch();
                true
            }
            None => false,
        });
        if clock.engines.is_empty() {
            clock.running = false;
            return;
        }
    }
}

/// The number of ticks that take at least this long: the first may come at once.
pub(crate) fn ticks(limit: Duration) -> u64 {
    let ticks = limit.as_nanos().div_ceil(SLICE.as_nanos()) + 1;
    u64::try_from(ticks).unwrap_or(u64::MAX)
}
