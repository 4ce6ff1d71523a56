//! The calling convention: the frame, and calls. Section 4 of `docs/protocol.md`.
//!
//! Every address and length here comes from the guest, so each is checked against its memory.

use wasmtime::{AsContext, Instance, Memory, Module, ModuleExport, Store, TypedFunc, WasmParams};

use super::manifest::{ABI_VERSION, Manifest, ManifestError};
use super::outcome::Reads;
use crate::error::GuestError;
use crate::text::sanitise;
use crate::value::Value;

const FRAME_BYTES: usize = 64;
const RESULT_BYTES: usize = 32;
const NO_SLOT: u32 = u32::MAX;
/// The most bytes of a guest's error text that are read.
const ERROR_TEXT: usize = 4 << 10;

/// The words of the frame that a server needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// The version of the ABI.
    pub version: u32,
    /// The input buffer's address and capacity.
    input: (u32, u32),
    output: (u32, u32),
    /// The number of finished islands.
    pub finished: u32,
    /// The island that is being rendered, from 1; 0 between islands.
    pub current: u32,
    results: u32,
    error: (u32, u32),
}

/// A finished island, as the guest reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct IslandResult {
    /// The offset of its HTML in the output.
    pub start: u32,
    /// The length of its HTML in bytes.
    pub length: u32,
    /// The digest of its shape and values.
    pub digest: u64,
    /// The offset of the slot's content in the output.
    pub slot: Option<u32>,
    /// It has handlers or changing slots.
    pub interactive: bool,
    /// What it asked for of the page.
    pub reads: Reads,
}

impl Frame {
    /// Reads the frame at this address; `None` if it is outside of memory.
    pub fn read(memory: &[u8], at: u32) -> Option<Frame> {
        let words = words::<{ FRAME_BYTES / 4 }>(slice(memory, at, FRAME_BYTES)?);
        let [
            version,
            input,
            capacity,
            output,
            output_length,
            _,
            _,
            finished,
            current,
            results,
            error,
            error_length,
            ..,
        ] = words;
        Some(Frame {
            version,
            input: (input, capacity),
            output: (output, output_length),
            finished,
            current,
            results,
            error: (error, error_length),
        })
    }

    /// The output; `None` if it is outside of memory.
    pub fn output<'a>(&self, memory: &'a [u8]) -> Option<&'a [u8]> {
        slice(memory, self.output.0, self.output.1 as usize)
    }

    /// The result of the island with this index, from 0; `None` if it is outside of memory.
    pub fn result(&self, memory: &[u8], index: usize) -> Option<IslandResult> {
        let at = usize::try_from(self.results)
            .ok()?
            .checked_add(index.checked_mul(RESULT_BYTES)?)?;
        let bytes = memory.get(at..at.checked_add(RESULT_BYTES)?)?;
        let [start, length, low, high, slot, flags, ..] = words::<{ RESULT_BYTES / 4 }>(bytes);
        Some(IslandResult {
            start,
            length,
            digest: u64::from(high) << 32 | u64::from(low),
            slot: (slot != NO_SLOT).then_some(slot),
            interactive: flags & 1 != 0,
            reads: Reads {
                path: flags & 2 == 0,
                time: flags & 4 == 0,
            },
        })
    }

    /// The guest's error text.
    pub fn error(&self, memory: &[u8]) -> Option<String> {
        let text = slice(
            memory,
            self.error.0,
            (self.error.1 as usize).min(ERROR_TEXT),
        )?;
        (!text.is_empty()).then(|| String::from_utf8_lossy(text).into_owned())
    }
}

fn slice(memory: &[u8], at: u32, length: usize) -> Option<&[u8]> {
    let at = usize::try_from(at).ok()?;
    memory.get(at..at.checked_add(length)?)
}

fn words<const N: usize>(bytes: &[u8]) -> [u32; N] {
    let mut words = [0; N];
    for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(4)) {
        if let Ok(bytes) = bytes.try_into() {
            *word = u32::from_le_bytes(bytes);
        }
    }
    words
}

/// Indices of a module's exports, looked up once instead of by name in each instance.
pub(super) struct Exports {
    memory: ModuleExport,
    alloc: ModuleExport,
    render: ModuleExport,
}

impl Exports {
    /// The exports for rendering. An error names one that is missing.
    pub fn of(module: &Module) -> Result<Exports, GuestError> {
        let export = |name| {
            module
                .get_export_index(name)
                .ok_or(GuestError::Export(name))
        };
        Ok(Exports {
            memory: export("memory")?,
            alloc: export("go_alloc")?,
            render: export("go_render")?,
        })
    }

    /// The memory of this instance.
    pub fn memory<T>(&self, store: &mut Store<T>, instance: &Instance) -> Option<Memory> {
        instance
            .get_module_export(store, &self.memory)?
            .into_memory()
    }

    /// Writes the input into the instance, whose frame is at this address, and calls `go_render`.
    pub async fn render<T: Send>(
        &self,
        store: &mut Store<T>,
        instance: &Instance,
        memory: Memory,
        frame: u32,
        input: &[u8],
    ) -> Result<u32, CallError> {
        let render = function(store, instance, &self.render, "go_render")?;
        let length = match in_place(memory.data_mut(&mut *store), frame, input) {
            Some(length) => length,
            None => {
                let alloc = function(store, instance, &self.alloc, "go_alloc")?;
                write_input(store, memory, &alloc, input).await?
            }
        };
        Ok(render.call_async(store, length).await?)
    }
}

fn function<T>(
    store: &mut Store<T>,
    instance: &Instance,
    export: &ModuleExport,
    name: &'static str,
) -> Result<TypedFunc<u32, u32>, CallError> {
    let export = instance.get_module_export(&mut *store, export);
    let function = export.and_then(wasmtime::Extern::into_func);
    let typed = function.and_then(|function| function.typed(store).ok());
    typed.ok_or(CallError::Export(name))
}

/// Why a call has no result.
#[derive(Debug)]
pub(super) enum CallError {
    /// The instance is gone.
    Trap(wasmtime::Error),
    /// The guest broke the calling convention.
    Invalid(&'static str),
    /// An export is missing or has another type.
    Export(&'static str),
}

impl From<wasmtime::Error> for CallError {
    fn from(error: wasmtime::Error) -> Self {
        CallError::Trap(error)
    }
}

/// Calls an export by its name.
async fn call<T: Send, P: WasmParams + Sync>(
    store: &mut Store<T>,
    instance: &Instance,
    name: &'static str,
    params: P,
) -> Result<u32, CallError> {
    let function = instance.get_typed_func::<P, u32>(&mut *store, name);
    let function = function.map_err(|_| CallError::Export(name))?;
    Ok(function.call_async(store, params).await?)
}

/// Writes the input into the frame's buffer, if it fits: that saves a call of `go_alloc`.
fn in_place(memory: &mut [u8], frame: u32, input: &[u8]) -> Option<u32> {
    let (at, capacity) = Frame::read(memory, frame)?.input;
    let length = u32::try_from(input.len()).ok()?;
    let at = usize::try_from(at).ok()?;
    let buffer = memory.get_mut(at..at.checked_add(input.len())?)?;
    (length <= capacity).then(|| {
        buffer.copy_from_slice(input);
        length
    })
}

async fn write_input<T: Send>(
    store: &mut Store<T>,
    memory: Memory,
    alloc: &TypedFunc<u32, u32>,
    input: &[u8],
) -> Result<u32, CallError> {
    let length =
        u32::try_from(input.len()).map_err(|_| CallError::Invalid("the input is too long"))?;
    let at = alloc.call_async(&mut *store, length).await?;
    memory
        .write(&mut *store, at as usize, input)
        .map_err(|_| CallError::Invalid("go_alloc answered with an address outside of memory"))?;
    Ok(length)
}

/// An instance that is used at start: exports are looked up by name.
pub(super) struct Starting {
    memory: Memory,
    instance: Instance,
    /// The address of the frame.
    pub frame: u32,
}

impl Starting {
    /// Asks the instance for its frame, and refuses another version of the ABI.
    pub async fn new<T: Send>(
        store: &mut Store<T>,
        instance: Instance,
    ) -> Result<Starting, GuestError> {
        let memory = instance
            .get_memory(&mut *store, "memory")
            .ok_or(GuestError::Export("memory"))?;
        let frame = call(store, &instance, "go_frame", ()).await;
        let starting = Starting {
            memory,
            instance,
            frame: frame.map_err(|error| failed("go_frame", error, None))?,
        };
        let version = i64::from(starting.frame(&*store)?.version);
        if version != ABI_VERSION {
            return Err(ManifestError::Version {
                found: version,
                expected: ABI_VERSION,
            }
            .into());
        }
        Ok(starting)
    }

    fn frame<T: 'static>(&self, store: impl AsContext<Data = T>) -> Result<Frame, GuestError> {
        Frame::read(self.memory.data(&store), self.frame).ok_or_else(|| GuestError::Start {
            call: "go_frame",
            message: "the frame is outside of memory".to_owned(),
        })
    }

    /// The module's manifest.
    pub async fn describe<T: Send + 'static>(
        &self,
        store: &mut Store<T>,
    ) -> Result<Manifest, GuestError> {
        let status = call(store, &self.instance, "go_describe", ()).await;
        self.succeeded(store, "go_describe", status)?;
        self.described(store)
    }

    /// The module's manifest, if the last call was `go_describe`: it is the last one before a
    /// snapshot.
    pub fn described<T: 'static>(&self, store: &Store<T>) -> Result<Manifest, GuestError> {
        let invalid = |message: String| GuestError::Start {
            call: "go_describe",
            message,
        };
        let frame = self.frame(store)?;
        let output = frame.output(self.memory.data(store));
        let output = output.ok_or_else(|| invalid("the output is outside of memory".to_owned()))?;
        let value = Value::decode(output).map_err(|error| invalid(error.to_string()))?;
        Ok(Manifest::read(&value)?)
    }

    /// Records the shapes of these components.
    pub async fn warm<T: Send + 'static>(
        &self,
        store: &mut Store<T>,
        components: &[&str],
    ) -> Result<(), GuestError> {
        const CALL: &str = "go_warm";
        let names = components.iter().map(|name| Value::from(*name)).collect();
        let mut input = Vec::new();
        Value::record([("components", Value::List(names))]).encode(&mut input)?;
        let status = async {
            let alloc = self.instance.get_typed_func(&mut *store, "go_alloc");
            let alloc = alloc.map_err(|_| CallError::Export("go_alloc"))?;
            let length = write_input(store, self.memory, &alloc, &input).await?;
            call(store, &self.instance, CALL, length).await
        };
        let status = status.await;
        self.succeeded(store, CALL, status)
    }

    fn succeeded<T: 'static>(
        &self,
        store: &mut Store<T>,
        call: &'static str,
        status: Result<u32, CallError>,
    ) -> Result<(), GuestError> {
        let said = self
            .frame(&*store)
            .ok()
            .and_then(|frame| frame.error(self.memory.data(&*store)));
        match status {
            Ok(0) => Ok(()),
            Ok(_) => Err(GuestError::Start {
                call,
                message: sanitise(
                    &said.unwrap_or_else(|| "the guest refused the input".to_owned()),
                ),
            }),
            Err(error) => Err(failed(call, error, said)),
        }
    }
}

fn failed(call: &'static str, error: CallError, said: Option<String>) -> GuestError {
    let message = match (error, said) {
        (CallError::Export(name), _) => return GuestError::Export(name),
        (CallError::Invalid(problem), _) => problem.to_owned(),
        (CallError::Trap(trap), Some(said)) => format!("{said} ({})", trap.root_cause()),
        (CallError::Trap(trap), None) => trap.root_cause().to_string(),
    };
    GuestError::Start {
        call,
        message: sanitise(&message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_stands_in_the_frame_is_read_without_a_panic(
            memory in prop::collection::vec(any::<u8>(), 0..200),
            at in prop_oneof![0u32..200, any::<u32>()],
            index in prop_oneof![0usize..10, any::<usize>()],
        ) {
            if let Some(frame) = Frame::read(&memory, at) {
                let _ = (frame.output(&memory), frame.result(&memory, index), frame.error(&memory));
            }
        }

        #[test]
        fn what_a_frame_names_is_inside_of_memory_or_refused(
            words in prop::collection::vec(prop_oneof![0u32..300, any::<u32>()], 16)
        ) {
            let mut memory: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            memory.resize(256, 7);
            let frame = Frame::read(&memory, 0).unwrap();
            let inside = words[3].checked_add(words[4]).is_some_and(|end| end <= 256);
            prop_assert_eq!(frame.output(&memory).is_some(), inside);
        }
    }
}
