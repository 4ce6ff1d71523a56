//! A module that is ready to render.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::InstancePre;

use super::abi::{Exports, Starting};
use super::artifact::{self, ArtifactError, BrowserModule};
use super::circuit::{Circuits, Rules};
use super::clock;
use super::config::{HostConfig, Limits, ModuleSource};
use super::engine;
use super::error::GuestError;
use super::imports;
use super::instance::{self, State};
use super::log::FailureLog;
use super::manifest::{Lane, Manifest};
use super::panic;
use super::places::Places;
use super::throttle::{Budget, Throttle};
use super::value::Value;

/// How long a module may take to say what it has.
const DESCRIBE: Duration = Duration::from_secs(1);
/// When a visitor may try again after all instances were busy.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// Input buffers of more bytes than this are not kept.
const KEPT_BUFFER: usize = 256 << 10;

/// A module that is ready to render. Clones share everything.
#[derive(Clone)]
pub struct Host {
    inner: Arc<Inner>,
}

struct Inner {
    module: LoadedModule,
    free: Semaphore,
    buffers: Mutex<Vec<Vec<u8>>>,
    limits: Limits,
    dev: bool,
    manifest: Manifest,
    browser: BrowserModule,
    failures: FailureLog,
    circuits: Circuits,
    places: Places,
}

/// What an instance is made from.
pub(super) struct LoadedModule {
    /// The module with its imports.
    pub pre: InstancePre<State>,
    /// Its exports.
    pub exports: Exports,
    /// The address of the frame, which is the same in every instance of one snapshot.
    pub frame: u32,
    limits: Limits,
    throttle: Throttle,
}

impl LoadedModule {
    /// The state of a new instance.
    pub fn state(&self) -> State {
        let budget = Budget::new(self.limits.cpu(), &self.throttle);
        State::new(engine::store_limits(&self.limits), budget)
    }
}

impl Host {
    /// Finds or builds the module, prepares it, and loads it. What takes long is done beside the
    /// async threads and kept for the next start.
    pub async fn start(config: HostConfig) -> Result<Host, GuestError> {
        let inner = tokio::task::spawn_blocking(move || Inner::start(config)).await;
        let inner = inner.unwrap_or_else(|panic| {
            Err(ArtifactError::Module {
                stage: "preparing",
                message: panic.to_string(),
            }
            .into())
        })?;
        Ok(Host {
            inner: Arc::new(inner),
        })
    }

    /// What the module has.
    pub fn manifest(&self) -> &Manifest {
        &self.inner.manifest
    }

    /// The toolchain that the module was built with.
    pub fn lane(&self) -> Lane {
        self.inner.manifest.lane
    }

    /// The module as browsers get it.
    pub fn browser_module(&self) -> &BrowserModule {
        &self.inner.browser
    }

    pub(super) fn module(&self) -> &LoadedModule {
        &self.inner.module
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    /// Whether it is one for development.
    pub(crate) fn dev(&self) -> bool {
        self.inner.dev
    }

    pub(super) fn failures(&self) -> &FailureLog {
        &self.inner.failures
    }

    pub(super) fn places(&self) -> &Places {
        &self.inner.places
    }

    /// What a breakdown in a browser is called: `message` is what the module said, `offsets` where
    /// its calls were, in bytes from the beginning of the module as browsers have it.
    pub fn describe_in_browser(
        &self,
        what: &str,
        component: &str,
        props: &Value,
        message: &str,
        offsets: &[usize],
    ) -> String {
        let places = self.places();
        let place = places
            .of_trace(message)
            .or_else(|| places.of_offsets(offsets));
        let message = panic::panic_text(message).unwrap_or_else(|| message.trim().to_owned());
        panic::line(what, component, props, place.as_deref(), &message)
    }

    pub(super) fn circuits(&self) -> &Circuits {
        &self.inner.circuits
    }

    /// The right to have one instance. Waits for it no longer than the limit says.
    pub(super) async fn permit(&self) -> Result<SemaphorePermit<'_>, GuestError> {
        let free = &self.inner.free;
        if let Ok(permit) = free.try_acquire() {
            return Ok(permit);
        }
        match tokio::time::timeout(self.inner.limits.queue(), free.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(GuestError::Busy {
                retry_after: RETRY_AFTER,
            }),
        }
    }

    /// An empty buffer for input, used before.
    pub(super) fn buffer(&self) -> Vec<u8> {
        self.inner.buffers.lock().pop().unwrap_or_default()
    }

    /// Gives a buffer back.
    pub(super) fn keep_buffer(&self, mut buffer: Vec<u8>) {
        if buffer.capacity() <= KEPT_BUFFER {
            buffer.clear();
            self.inner.buffers.lock().push(buffer);
        }
    }
}

impl Inner {
    /// Blocks, within a tokio runtime.
    fn start(config: HostConfig) -> Result<Inner, GuestError> {
        let (limits, pool, dev) = (config.limits, config.pool, config.dev);
        let wasm = artifact::wasm(&config)?;
        let directory = match config.source {
            ModuleSource::Components { directory, .. } => Some(directory),
            ModuleSource::File(_) | ModuleSource::Bytes(_) => None,
        };
        let places = Places::new(directory.clone(), wasm.bytes.clone(), wasm.debug.clone());
        let engine = engine::rendering(&limits, &pool, wasm.lane()?)?;
        let (browser, native) = std::thread::scope(|scope| {
            let browser = scope.spawn(|| artifact::browser(&wasm));
            let native = artifact::native(&wasm, &engine, &limits);
            (browser.join(), native)
        });
        let module = native?;
        let browser = browser.unwrap_or_else(|_| {
            Err(ArtifactError::Module {
                stage: "compressing",
                message: "the compressor panicked".to_owned(),
            })
        })?;
        let linker = imports::rendering(&engine, &module)?;
        let pre = linker
            .instantiate_pre(&module)
            .map_err(GuestError::Engine)?;
        clock::start(&engine)?;
        let throttle = Throttle::new(pool.instances);
        let budget = Budget::new(DESCRIBE, &throttle);
        let (mut manifest, frame) =
            tokio::runtime::Handle::current().block_on(describe(&pre, &limits, budget))?;
        manifest.sources = directory;
        let exports = Exports::of(&module)?;
        let module = LoadedModule {
            pre,
            exports,
            frame,
            limits,
            throttle,
        };
        Ok(Inner {
            module,
            free: Semaphore::new(pool.instances.max(1) as usize),
            buffers: Mutex::default(),
            limits,
            dev,
            manifest,
            browser,
            failures: FailureLog::default(),
            circuits: Circuits::new(Rules {
                limit: limits.cpu(),
                rest: limits.rest(dev),
            }),
            places,
        })
    }
}

async fn describe(
    pre: &InstancePre<State>,
    limits: &Limits,
    budget: Budget,
) -> Result<(Manifest, u32), GuestError> {
    let mut store = instance::store(
        pre.module().engine(),
        State::new(engine::store_limits(limits), budget),
    );
    let instance = pre
        .instantiate_async(&mut store)
        .await
        .map_err(GuestError::Engine)?;
    let starting = Starting::new(&mut store, instance).await?;
    Ok((starting.describe(&mut store).await?, starting.frame))
}
