//! The host of a module that is ready to render.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::Linker;

use super::abi::{Exports, Starting};
use super::breakdown;
use super::config::HostConfig;
use super::failure_log::FailureLog;
use super::imports;
use super::instance::{NewInstances, State};
use super::manifest::Manifest;
use super::prepare::prepare;
use crate::artifacts::{self, ArtifactError, BrowserModule, ModuleSource, Wanted};
use crate::engine::{
    self, Bounds, Circuits, Effort, Engine, EngineConfig, Limits, Meter, Places, Rules, panic_text,
};
use crate::error::GuestError;
use crate::value::Value;
use crate::variant::Lane;

/// The time limit of `describe`, and of waiting for an instance for it.
const DESCRIBE: Duration = Duration::from_secs(1);
/// When a client may retry after all instances were busy.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// Larger input buffers are not reused.
const KEPT_BUFFER: usize = 256 << 10;

/// A module that is ready to render. Clones share all of it.
#[derive(Clone)]
pub struct Host(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub module: LoadedModule,
    engine: Engine,
    buffers: Mutex<Vec<Vec<u8>>>,
    pub limits: Limits,
    /// Whether this is development.
    pub dev: bool,
    manifest: Manifest,
    browser: BrowserModule,
    pub failures: FailureLog,
    pub circuits: Circuits,
    pub places: Places,
}

/// What instances are made from.
pub(super) struct LoadedModule {
    /// The module with its imports linked.
    pub new: NewInstances,
    /// Its export indices.
    pub exports: Exports,
    /// The address of the frame, which is the same in all instances of a snapshot.
    pub frame: u32,
}

impl Host {
    /// A host on an engine of its own, with room for this module only.
    pub async fn start(config: HostConfig) -> Result<Host, GuestError> {
        let engine = Engine::new(&EngineConfig {
            components_effort: Effort::of(config.dev),
            ..EngineConfig::new(&config.limits, &config.pool)
        })?;
        Host::start_on(&engine, config).await
    }

    /// Finds or builds the module, prepares it, and loads it on this engine, beside other modules.
    /// The engine's pool is used, not `config.pool`. Slow work is done on blocking threads, and
    /// cached for the next start.
    pub async fn start_on(engine: &Engine, config: HostConfig) -> Result<Host, GuestError> {
        Host::start_announced(engine, config, |_, _| {}).await
    }

    /// The same. What browsers get is announced with its toolchain once it is built, before its
    /// native code is made, and before it is known whether the server can use it.
    pub async fn start_announced(
        engine: &Engine,
        config: HostConfig,
        announce: impl FnOnce(&BrowserModule, Lane) + Send + 'static,
    ) -> Result<Host, GuestError> {
        let engine = engine.clone();
        let start = move || Inner::start(engine, config, announce);
        let inner = tokio::task::spawn_blocking(start).await;
        let inner = inner.unwrap_or_else(|panic| {
            Err(ArtifactError::Module {
                stage: "preparing",
                message: panic.to_string(),
            }
            .into())
        })?;
        Ok(Host(Arc::new(inner)))
    }

    /// The module's manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.0.manifest
    }

    /// The toolchain that the module was built with.
    pub fn lane(&self) -> Lane {
        self.0.manifest.lane
    }

    /// The module for browsers.
    pub fn browser_module(&self) -> &BrowserModule {
        &self.0.browser
    }

    /// The message about a failure in a browser: `message` is the module's, `offsets` are the
    /// offsets of its calls in the module for browsers.
    pub fn describe_in_browser(
        &self,
        what: &str,
        component: &str,
        props: &Value,
        message: &str,
        offsets: &[usize],
    ) -> String {
        let places = &self.0.places;
        let place = places
            .of_trace(message)
            .or_else(|| places.of_offsets(offsets));
        let message = panic_text(message).unwrap_or_else(|| message.trim().to_owned());
        breakdown::line(what, component, props, place.as_deref(), &message)
    }

    /// The state of a new instance.
    pub(super) fn state(&self) -> State {
        let Inner { engine, limits, .. } = &*self.0;
        State::new(Meter::new(limits.bounds(), engine.components().throttle()))
    }

    /// Acquires permission for one instance, and waits for it as long as the limit allows.
    pub(super) async fn permit(&self) -> Result<OwnedSemaphorePermit, GuestError> {
        permit(&self.0.engine, self.0.limits.queue()).await
    }

    /// A recycled, empty input buffer.
    pub(super) fn buffer(&self) -> Vec<u8> {
        self.0.buffers.lock().pop().unwrap_or_default()
    }

    /// Returns a buffer for reuse.
    pub(super) fn keep_buffer(&self, mut buffer: Vec<u8>) {
        if buffer.capacity() <= KEPT_BUFFER {
            buffer.clear();
            self.0.buffers.lock().push(buffer);
        }
    }
}

impl Inner {
    /// Blocks, within a Tokio runtime.
    fn start(
        engine: Engine,
        config: HostConfig,
        announce: impl FnOnce(&BrowserModule, Lane),
    ) -> Result<Inner, GuestError> {
        let dev = config.dev;
        let limits = config.limits.for_development(dev);
        engine.check(limits.memory_bytes)?;
        let wasm = artifacts::find(&config.source, Wanted::of(config.lane, dev), &config.cache)?;
        let directory = match config.source {
            ModuleSource::Components { directory, .. } => Some(directory),
            ModuleSource::File(_) | ModuleSource::Bytes(_) => None,
        };
        let places = Places::new(directory.clone(), wasm.bytes.clone(), wasm.debug.clone());
        let (browser, native) = if dev {
            // Nothing is compressed.
            let browser = artifacts::browser(&wasm, dev)?;
            if let Some(variant) = wasm.variant {
                announce(&browser, variant.lane);
            }
            (browser, prepare(&wasm, &engine, &limits))
        } else {
            let (browser, native) = std::thread::scope(|scope| {
                let browser = scope.spawn(|| artifacts::browser(&wasm, dev));
                let native = prepare(&wasm, &engine, &limits);
                (browser.join(), native)
            });
            let browser = browser.unwrap_or_else(|_| {
                Err(ArtifactError::Module {
                    stage: "compressing",
                    message: "the compressor panicked".to_owned(),
                })
            });
            (browser?, native)
        };
        let (module, image) = native?;
        imports::check(&module)?;
        let mut linker = Linker::new(engine.for_components());
        engine::link_wasi(&mut linker, &module).map_err(GuestError::Engine)?;
        let pre = linker
            .instantiate_pre(&module)
            .map_err(GuestError::Engine)?;
        let new = NewInstances { pre, image };
        let described = tokio::runtime::Handle::current().block_on(async {
            let _instance = permit(&engine, DESCRIBE).await?;
            let bounds = Bounds {
                cpu: DESCRIBE,
                ..limits.bounds()
            };
            describe(&new, Meter::new(bounds, engine.components().throttle())).await
        });
        let (mut manifest, frame) = described?;
        manifest.sources = directory;
        let exports = Exports::of(&module)?;
        let module = LoadedModule {
            new,
            exports,
            frame,
        };
        Ok(Inner {
            module,
            engine,
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

async fn permit(engine: &Engine, wait: Duration) -> Result<OwnedSemaphorePermit, GuestError> {
    let permit = engine.components().acquire(wait).await;
    permit.ok_or(GuestError::Busy {
        retry_after: RETRY_AFTER,
    })
}

async fn describe(new: &NewInstances, meter: Meter) -> Result<(Manifest, u32), GuestError> {
    let mut store = engine::store(new.engine(), State::new(meter));
    let instance = new.instance(&mut store).await.map_err(GuestError::Engine)?;
    let starting = Starting::new(&mut store, instance).await?;
    Ok((starting.described(&store)?, starting.frame))
}
