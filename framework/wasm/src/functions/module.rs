//! One module that is ready, and its runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::command::CommandModule;
use super::error::{Cause, Failure};
use super::instance::{self, KitModule};
use super::reuse::Kept;
use super::run::{Answer, REDIS, REGION, Run};
use super::state::{Current, Services};
use crate::circuit::{Circuits, Rules};
use crate::throttle::Throttle;
use crate::{ModuleKind, Prepared, Value};

/// A module of this node.
pub(super) struct EdgeModule {
    program: Program,
    services: Arc<Services>,
    /// Variables of the server's own environment that the manifest names.
    own: BTreeMap<String, String>,
    free: Semaphore,
    throttle: Throttle,
    circuits: Circuits,
}

enum Program {
    Kit(KitModule, Arc<Kept>),
    Command(CommandModule),
}

impl EdgeModule {
    pub fn new(
        prepared: Prepared,
        services: Services,
        own: BTreeMap<String, String>,
        reuse: u32,
    ) -> wasmtime::Result<EdgeModule> {
        let Prepared {
            engine,
            module,
            kind,
        } = prepared;
        let program = match kind {
            ModuleKind::Kit => Program::Kit(KitModule::new(&engine, &module)?, Kept::new(reuse)),
            ModuleKind::Command => {
                Program::Command(CommandModule::new(&engine, &module, &services.grants)?)
            }
        };
        Ok(EdgeModule {
            program,
            free: Semaphore::new(services.limits.instances as usize),
            throttle: Throttle::new(services.limits.instances),
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
        let _permit = self.permit().await?;
        let ended = match &self.program {
            Program::Command(command) => self.run_command(command, run).await,
            Program::Kit(module, kept) => self.run_kit(module, kept, run).await,
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
                        "an edge module used up its limit on computing again and again (limits.cpu_ms): it is not run, \
                         until it is tried again after so many seconds (limits.rest_ms)"
                    );
                }
                Err(cause)
            }
        }
    }

    async fn run_command(&self, command: &CommandModule, run: &Run) -> Result<Bytes, Failure> {
        let environment = self.environment(run);
        let wall = self.services.limits.wall();
        command
            .run(&self.services, &environment, &self.throttle, wall)
            .await
    }

    async fn run_kit(
        &self,
        module: &KitModule,
        kept: &Arc<Kept>,
        run: &Run,
    ) -> Result<Bytes, Failure> {
        let wall = self.services.limits.wall();
        let input = input(self.environment(run), &run.input)?;
        let current = self.current(run, wall);
        let mut instance = match kept.take() {
            Some(mut instance) => {
                instance.begin(current);
                instance
            }
            None => {
                let state = instance::state(&self.services, current, &self.throttle);
                module.instantiate(state).await?
            }
        };
        let body = instance.run(&input, wall).await?;
        kept.put(instance);
        Ok(body)
    }

    /// The right to have one instance.
    async fn permit(&self) -> Result<SemaphorePermit<'_>, Cause> {
        if let Ok(permit) = self.free.try_acquire() {
            return Ok(permit);
        }
        let queue = self.services.limits.queue();
        match tokio::time::timeout(queue, self.free.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(Cause::Busy),
        }
    }

    /// The variables that the module sees.
    fn environment(&self, run: &Run) -> Vec<(String, String)> {
        let keys = self.services.grants.environment.iter();
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

/// What a run of a kit module begins with.
fn input(environment: Vec<(String, String)>, input: &str) -> Result<Vec<u8>, Cause> {
    let environment = environment
        .into_iter()
        .map(|(key, value)| (key, Value::Text(value)));
    let record = Value::record([
        ("env", Value::record(environment)),
        ("input", Value::from(input)),
    ]);
    let mut bytes = Vec::new();
    record.encode(&mut bytes).map_err(|_| Cause::Nonsense {
        problem: "its environment and input are too large",
    })?;
    Ok(bytes)
}
