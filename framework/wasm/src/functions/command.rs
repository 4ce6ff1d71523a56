//! Plain WASI preview 1 programs: the environment is the run's input, standard output is the
//! answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use wasmtime::{Engine, InstancePre, Linker, Module};
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{
    FsPerms, HostMonotonicClock, HostWallClock, I32Exit, ResourceTableError, WasiCtxBuilder,
    WasiView,
};

use super::command_links;
use super::error::{Cause, Failure};
use super::state::Services;
use crate::capabilities::Capabilities;
use crate::engine::{self, ENOTCAPABLE, Meter, Metered, Throttle, WASI, WRITTEN};

/// Random bytes of one call.
const RANDOM: u64 = 64 << 10;

/// A program that is ready to run.
pub(super) struct CommandModule {
    pre: InstancePre<State>,
}

/// Host state of a run.
pub(super) struct State {
    meter: Meter,
    pub wasi: WasiP1Ctx,
}

impl Metered for State {
    fn meter(&mut self) -> &mut Meter {
        &mut self.meter
    }
}

impl CommandModule {
    pub fn new(
        engine: &Engine,
        module: &Module,
        grants: &Capabilities,
    ) -> wasmtime::Result<CommandModule> {
        let mut linker = Linker::new(engine);
        p1::add_to_linker_async(&mut linker, |state: &mut State| &mut state.wasi)?;
        if !grants.random {
            linker.allow_shadowing(true);
            linker.func_wrap(WASI, "random_get", |_: u32, _: u32| ENOTCAPABLE)?;
        }
        if grants.directories.iter().any(|directory| directory.write) {
            command_links::guard(&mut linker, |state: &mut State| &mut state.wasi)?;
        }
        Ok(CommandModule {
            pre: linker.instantiate_pre(module)?,
        })
    }

    /// Host state for a run with these environment variables.
    pub async fn run(
        &self,
        services: &Arc<Services>,
        environment: &[(String, String)],
        throttle: &Throttle,
        wall: Duration,
    ) -> Result<Bytes, Failure> {
        let most = services.limits.output_bytes;
        // One byte larger than the limit, to tell a full answer from a truncated one.
        let output = MemoryOutputPipe::new(most.saturating_add(1));
        let said = MemoryOutputPipe::new(WRITTEN);
        let mut wasi = context(&services.grants, environment, &output, &said)
            .map_err(|error| Cause::Runtime { message: error })?;
        wasi.ctx().table.set_max_capacity(services.limits.files);
        let meter = Meter::new(services.limits.bounds(), throttle);
        let mut store = engine::store(self.pre.module().engine(), State { meter, wasi });
        let run = async {
            let instance = self.pre.instantiate_async(&mut store).await?;
            let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
            start.call_async(&mut store, ()).await
        };
        let end = tokio::time::timeout(wall, run).await;
        let answer = output.contents();
        let meter = &mut store.data_mut().meter;
        let computed = meter.end();
        let ended = if answer.len() > most {
            Err(Cause::Output)
        } else {
            match end {
                Err(_) => Err(Cause::Wall),
                Ok(Ok(())) => Ok(answer),
                Ok(Err(error)) => {
                    cause(services, meter, &error, &said.contents()).map_or(Ok(answer), Err)
                }
            }
        };
        ended.map_err(|cause| Failure { cause, computed })
    }
}

/// Why a program ended; `None` if it succeeded.
fn cause(
    services: &Services,
    meter: &Meter,
    error: &wasmtime::Error,
    written: &[u8],
) -> Option<Cause> {
    if let Some(ResourceTableError::Full) = error.downcast_ref() {
        return Some(Cause::Files);
    }
    match error.downcast_ref::<I32Exit>() {
        Some(I32Exit(0)) => None,
        Some(I32Exit(_)) if meter.is_memory_refused() => Some(Cause::Memory),
        Some(I32Exit(code)) => Some(Cause::exit(*code, written, &services.places)),
        None => Some(Cause::of(error, meter, written, &services.places)),
    }
}

fn context(
    grants: &Capabilities,
    environment: &[(String, String)],
    output: &MemoryOutputPipe,
    said: &MemoryOutputPipe,
) -> Result<WasiP1Ctx, String> {
    let mut wasi = WasiCtxBuilder::new();
    wasi.stdout(output.clone())
        .stderr(said.clone())
        .envs(environment)
        .max_random_size(RANDOM)
        .allow_tcp(false)
        .allow_udp(false);
    if !grants.clock {
        wasi.wall_clock(FixedWallClock)
            .monotonic_clock(CoarseMonotonicClock(Instant::now()));
    }
    for directory in &grants.directories {
        let permissions = if directory.write {
            FsPerms::ReadWrite
        } else {
            FsPerms::ReadOnly
        };
        wasi.preopened_dir(&directory.host, &directory.guest, permissions)
            .map_err(|error| format!("the directory {}: {error}", directory.host.display()))?;
    }
    Ok(wasi.build_p1())
}

/// The time of day without a grant: 1 January 1970.
struct FixedWallClock;

impl HostWallClock for FixedWallClock {
    fn resolution(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

/// The initial value of that clock in milliseconds: Go treats zero as a broken clock.
const BEGINNING: u128 = 1_000;

/// A clock for sleeping with a resolution of a millisecond, too coarse to measure the host.
struct CoarseMonotonicClock(Instant);

impl HostMonotonicClock for CoarseMonotonicClock {
    fn resolution(&self) -> u64 {
        1_000_000
    }

    fn now(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis() + BEGINNING)
            .unwrap_or(u64::MAX / 1_000_000)
            .saturating_mul(1_000_000)
    }
}
