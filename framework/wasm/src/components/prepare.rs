//! Prepares a module of components: its initial memory contains the shapes of its components.

use std::time::Instant;

use wasmtime::{Instance, Module, Store};

use super::abi::Starting;
use super::imports;
use crate::artifacts::{self, Image, Initialiser, Initialising, Key, Options, Wasm};
use crate::engine::{Effort, Engine, Limits};
use crate::error::GuestError;

/// The environment of a module of the standard Go toolchain. An instance lives for one call, so
/// garbage collection is off, and Go's collector does not read the wall clock, which rendering does
/// not have.
const ENVIRONMENT: &[(&str, &str)] = &[("GOGC", "off")];

/// The module as native code for this engine, and in development the image that its instances begin
/// with. Blocks, within a Tokio runtime.
pub(super) fn prepare(
    wasm: &Wasm,
    engine: &Engine,
    limits: &Limits,
) -> Result<(Module, Option<Image>), GuestError> {
    let options = Options {
        bounds: limits.bounds(),
        environment: ENVIRONMENT,
    };
    let runtime = engine.for_components();
    let block_on = tokio::runtime::Handle::current();
    if engine.components_effort() == Effort::Development {
        let compile = |made: &[u8]| artifacts::native_code_at_once(wasm, made, runtime);
        let check = |_: &mut _, module: &_| imports::check(module);
        let initialiser = Initialiser::on(runtime, &wasm.bytes, compile, options, check)?;
        let started = Instant::now();
        let image = block_on.block_on(async {
            let (store, instance) = match prepared_at_once(&initialiser).await {
                Ok(prepared) => prepared,
                Err(_) => prepared(&initialiser).await?,
            };
            initialiser.image(store, instance).await
        })?;
        let milliseconds = started.elapsed().as_millis() as u64;
        tracing::debug!(artifact = "image", milliseconds, "made");
        return Ok((initialiser.module().clone(), Some(image)));
    }
    let key = Key::new("snapshot", 6)
        .part(&limits.memory_bytes.to_le_bytes())
        .part(format!("{ENVIRONMENT:?}").as_bytes());
    let module = artifacts::initialised(wasm, runtime, key, |wasm| {
        let initialiser = Initialiser::new(wasm, options, |_, module| imports::check(module))?;
        block_on.block_on(async {
            let (store, instance) = prepared(&initialiser).await?;
            initialiser.snapshot(store, instance).await
        })
    })?;
    Ok((module, None))
}

/// An instance that has recorded the shapes of all components that can be rendered from zero props.
async fn prepared(
    initialiser: &Initialiser<'_>,
) -> Result<(Store<Initialising>, Instance), GuestError> {
    let (mut store, instance) = initialiser.instance().await?;
    let manifest = Starting::new(&mut store, instance)
        .await?
        .describe(&mut store)
        .await?;
    drop(store);
    let all: Vec<&str> = manifest
        .components
        .iter()
        .map(|component| component.name.as_str())
        .collect();
    let (mut store, instance) = match warm(initialiser, &all).await {
        Ok(warmed) => warmed,
        Err(GuestError::Start { .. }) => {
            warm(initialiser, &warmable(initialiser, &all).await).await?
        }
        Err(error) => return Err(error),
    };
    // The manifest stays in the output, where a start reads it without a call: what a call writes
    // to is copied back after each request in the same place of the pool, from then on.
    Starting::new(&mut store, instance)
        .await?
        .describe(&mut store)
        .await?;
    Ok((store, instance))
}

/// The same, in one instance, which is quicker: it fails where one component cannot be rendered
/// from zero props.
async fn prepared_at_once(
    initialiser: &Initialiser<'_>,
) -> Result<(Store<Initialising>, Instance), GuestError> {
    let (mut store, instance) = initialiser.instance().await?;
    let starting = Starting::new(&mut store, instance).await?;
    let manifest = starting.describe(&mut store).await?;
    let all = manifest.components.iter();
    let all: Vec<&str> = all.map(|component| component.name.as_str()).collect();
    if !all.is_empty() {
        starting.warm(&mut store, &all).await?;
        starting.describe(&mut store).await?;
    }
    Ok((store, instance))
}

/// An instance that has recorded the shapes of these components.
async fn warm(
    initialiser: &Initialiser<'_>,
    components: &[&str],
) -> Result<(Store<Initialising>, Instance), GuestError> {
    let (mut store, instance) = initialiser.instance().await?;
    let starting = Starting::new(&mut store, instance).await?;
    if !components.is_empty() {
        starting.warm(&mut store, components).await?;
    }
    Ok((store, instance))
}

/// The components that can be rendered from zero props, each tried separately. The others record
/// their shapes in each request instead.
async fn warmable<'n>(initialiser: &Initialiser<'_>, components: &[&'n str]) -> Vec<&'n str> {
    let mut warmable = Vec::new();
    for component in components {
        match warm(initialiser, &[component]).await {
            Ok(_) => warmable.push(*component),
            Err(error) => tracing::warn!(
                component,
                %error,
                "the component cannot be rendered from zero props: its shapes are recorded in each \
                 request, which is slower"
            ),
        }
    }
    warmable
}
