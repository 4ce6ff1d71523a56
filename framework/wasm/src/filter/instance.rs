//! An instance of the module with an image in its memory, and calls of it.

use wasmtime::{Instance, Memory, Store, TypedFunc, WasmParams, WasmResults};

use super::error::FilterError;
use super::image::Image;
use super::module::FilterModule;
use super::state::State;
use crate::engine::{TrapKind, Trapped};
use crate::error::GuestError;
use crate::text::sanitise;

/// An instance with an image in its memory.
pub(super) struct FilterInstance {
    store: Store<State>,
    memory: Memory,
    message: TypedFunc<u32, u32>,
    query: TypedFunc<u32, i32>,
    answer: TypedFunc<(), u32>,
    change: TypedFunc<u32, i32>,
    query_ticks: u64,
    load_ticks: u64,
}

impl FilterInstance {
    /// A new instance that has loaded this image. Blocks.
    pub fn new(module: &FilterModule, image: &Image) -> Result<FilterInstance, FilterError> {
        let state = State::new(module.bounds);
        let mut store = Store::new(module.pre.module().engine(), state);
        store.limiter(|state| &mut state.limits);
        store.set_epoch_deadline(module.load_ticks);
        let instance = module.pre.instantiate(&mut store);
        let instance = instance.map_err(|error| trapped(&error))?;
        if let Ok(initialise) = instance.get_typed_func::<(), ()>(&mut store, "_initialize") {
            call(&mut store, &initialise, ())?;
        }
        let memory = instance.get_memory(&mut store, "memory");
        let memory = memory.ok_or(GuestError::Export("memory"))?;
        let make_room = function(&mut store, &instance, "filter_image")?;
        let load: TypedFunc<u32, i32> = function(&mut store, &instance, "filter_load")?;
        let bytes = image.bytes();
        let limit = module.bounds.memory_bytes;
        if bytes.len() > limit {
            return Err(FilterError::Memory { limit });
        }
        let length = bytes.len() as u32;
        let at: u32 = call(&mut store, &make_room, length)?;
        let written = memory.write(&mut store, at as usize, bytes);
        written.map_err(|_| FilterError::Memory { limit })?;
        store.set_epoch_deadline(module.load_ticks);
        accepted("image", call(&mut store, &load, length)?)?;
        Ok(FilterInstance {
            memory,
            message: function(&mut store, &instance, "filter_message")?,
            query: function(&mut store, &instance, "filter_query")?,
            answer: function(&mut store, &instance, "filter_answer")?,
            change: function(&mut store, &instance, "filter_change")?,
            store,
            query_ticks: module.query_ticks,
            load_ticks: module.load_ticks,
        })
    }

    /// The words of the answer to a query.
    pub fn query(&mut self, message: &[u32]) -> Result<Vec<u32>, FilterError> {
        self.store.set_epoch_deadline(self.query_ticks);
        let length = self.send(message)?;
        let words = accepted("query", call(&mut self.store, &self.query, length)?)?;
        let at = call(&mut self.store, &self.answer, ())? as usize;
        let memory = self.memory.data(&self.store).get(at..).unwrap_or_default();
        let (words, memory) = (words as usize, memory.as_chunks::<4>().0);
        let words = memory.get(..words).unwrap_or_default();
        Ok(words.iter().map(|word| u32::from_le_bytes(*word)).collect())
    }

    /// Makes changes.
    pub fn change(&mut self, message: &[u32]) -> Result<(), FilterError> {
        self.store.set_epoch_deadline(self.load_ticks);
        let length = self.send(message)?;
        accepted("change", call(&mut self.store, &self.change, length)?)?;
        Ok(())
    }

    /// Writes a message into the module's memory and returns its length in words.
    fn send(&mut self, message: &[u32]) -> Result<u32, FilterError> {
        let length = message.len() as u32;
        let at = call(&mut self.store, &self.message, length)? as usize;
        let memory = self.memory.data_mut(&mut self.store).get_mut(at..);
        let room = memory.unwrap_or_default().as_chunks_mut::<4>().0;
        let room = room.get_mut(..message.len());
        let room = room.ok_or(GuestError::Export("filter_message"))?;
        for (word, value) in room.iter_mut().zip(message) {
            *word = value.to_le_bytes();
        }
        Ok(length)
    }
}

fn function<P: WasmParams, R: WasmResults>(
    store: &mut Store<State>,
    instance: &Instance,
    name: &'static str,
) -> Result<TypedFunc<P, R>, GuestError> {
    let function = instance.get_typed_func(store, name);
    function.map_err(|_| GuestError::Export(name))
}

fn call<P: WasmParams, R: WasmResults>(
    store: &mut Store<State>,
    function: &TypedFunc<P, R>,
    parameters: P,
) -> Result<R, FilterError> {
    function
        .call(store, parameters)
        .map_err(|error| trapped(&error))
}

/// The result of a call, which is below 0 if it was refused.
fn accepted(what: &'static str, result: i32) -> Result<u32, FilterError> {
    u32::try_from(result).map_err(|_| FilterError::Refused { what, code: result })
}

fn trapped(error: &wasmtime::Error) -> FilterError {
    let trapped = Trapped::of(error);
    match trapped.kind {
        TrapKind::Cpu => FilterError::Deadline,
        _ => FilterError::Trapped {
            reason: sanitise(&trapped.reason),
        },
    }
}
