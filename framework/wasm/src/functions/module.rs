//! A loaded module, and its runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::Module;

use super::command::CommandModule;
use super::error::{Cause, Failure};
use super::idle::IdleInstances;
use super::instance::{self, KitModule};
use super::prepare::ModuleKind;
use super::run::{Answer, REDIS, REGION, Run};
use super::state::{Current, Services};
use crate::engine::{Circuits, Engine, Instances, Rules};
use crate::value::Value;

/// A module of this node.
pub(super) struct EdgeModule {
    program: Program,
    services: Arc<Services>,
    /// Variables of the server's environment that the manifest names.
    own: BTreeMap<String, String>,
    engine: Engine,
    /// Its share of the engine's instances.
    instances: Instances,
    circuits: Circuits,
}

enum Program {
    Kit(KitModule, Arc<IdleInstances>),
    Command(CommandModule),
}

impl EdgeModule {
    pub fn new(
        engine: Engine,
        (module, kind): (Module, ModuleKind),
        services: Services,
        own: BTreeMap<String, String>,
        reuse: u32,
    ) -> wasmtime::Result<EdgeModule> {
        let program = match kind {
            ModuleKind::Kit => Program::Kit(
                KitModule::new(engine.for_functions(), &module)?,
                IdleInstances::new(reuse),
            ),
            ModuleKind::Command => {
                let grants = &services.grants;
                Program::Command(CommandModule::new(engine.for_functions(), &module, grants)?)
            }
        };
        Ok(EdgeModule {
            program,
            engine,
            instances: Instances::new(services.limits.instances),
            circuits: Circuits::new(Rules {
                limit: services.limits.cpu(),
                rest: services.limits.rest(),
            }),
            services: Arc::new(services),
            own,
        })
    }

    pub fn services(&self) -> &Services {
        &self.services
    }

    /// One run.
    pub async fn run(&self, run: &Run) -> Result<Answer, Cause> {
        let name = &self.services.module;
        if !self.circuits.admits(name) {
            return Err(Cause::SwitchedOff);
        }
        let own = self.instances.acquire(self.services.limits.queue()).await;
        let _own = own.ok_or(Cause::Busy)?;
        let ended = match &self.program {
            Program::Command(command) => self.run_command(command, run).await,
            Program::Kit(module, idle) => self.run_kit(module, idle, run).await,
        };
        match ended {
            Ok(body) => {
                self.circuits.succeeded(name);
                Ok(Answer { body })
            }
            Err(Failure { cause, computed }) => {
                if let Some(rest) = self.circuits.failed(name, computed) {
                    tracing::warn!(
                        module = name,
                        seconds = rest.as_secs_f64(),
                        "an edge module exceeded its processor time repeatedly \
                         (limits.cpu_ms): it is tried again after this many seconds \
                         (limits.rest_ms)"
                    );
                }
                Err(cause)
            }
        }
    }

    async fn run_command(&self, command: &CommandModule, run: &Run) -> Result<Bytes, Failure> {
        let _room = self.room().await?;
        let environment = self.environment(run);
        let wall = self.services.limits.wall();
        command
            .run(
                &self.services,
                &environment,
                self.instances.throttle(),
                wall,
            )
            .await
    }

    async fn run_kit(
        &self,
        module: &KitModule,
        idle: &Arc<IdleInstances>,
        run: &Run,
    ) -> Result<Bytes, Failure> {
        let wall = self.services.limits.wall();
        let input = input(self.environment(run), &run.input)?;
        let mut instance = match idle.take() {
            Some(mut instance) => {
                instance.begin(self.current(run, wall));
                instance
            }
            None => {
                let room = self.room().await?;
                let (current, throttle) = (self.current(run, wall), self.instances.throttle());
                let state = instance::state(&self.services, current, throttle);
                module.instantiate(state, room).await?
            }
        };
        let body = instance.run(&input, wall).await?;
        idle.put(instance);
        Ok(body)
    }

    /// A permit of the engine's pool, which modules of all releases share.
    async fn room(&self) -> Result<OwnedSemaphorePermit, Cause> {
        let queue = self.services.limits.queue();
        let room = self.engine.functions().acquire(queue).await;
        room.ok_or(Cause::Busy)
    }

    /// The module's environment variables.
    fn environment(&self, run: &Run) -> Vec<(String, String)> {
        let keys = self.services.variables.iter();
        keys.filter_map(|key| {
            let value = run.environment.get(key).or_else(|| self.own.get(key))?;
            Some((key.clone(), value.clone()))
        })
        .collect()
    }

    fn current(&self, run: &Run, wall: Duration) -> Current {
        let uses_store = !self.services.grants.key_value.is_empty();
        let store = uses_store.then(|| self.services.stores.at(run.variable(REDIS)));
        let store = store.and_then(|store| {
            store
                .inspect_err(
                    |error| tracing::warn!(%error, "an edge module runs without its store"),
                )
                .ok()
        });
        let told = wall - wall / 10;
        let deadline = run.deadline.map_or(told, |deadline| deadline.min(told));
        Current::new(
            store,
            run.variable(REGION).to_owned(),
            Instant::now() + deadline,
            Arc::clone(&run.backend_failed),
        )
    }
}

/// The input of a kit module's run.
fn input(environment: Vec<(String, String)>, input: &str) -> Result<Vec<u8>, Cause> {
    let environment = environment
        .into_iter()
        .map(|(key, value)| (key, Value::Text(value)));
    let record = Value::record([
        ("env", Value::record(environment)),
        ("input", Value::from(input)),
    ]);
    let mut bytes = Vec::new();
    record.encode(&mut bytes).map_err(|_| Cause::InvalidCall {
        problem: "its environment and input are too large",
    })?;
    Ok(bytes)
}
