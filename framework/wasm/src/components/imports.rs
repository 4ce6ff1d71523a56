//! What a module is given while it renders: nothing. A TinyGo module imports nothing; a module of
//! the standard Go toolchain imports parts of WASI, which are answered so that its runtime works
//! and rendering stays pure.

use wasmtime::{ExternType, Module};

use crate::engine;
use crate::error::GuestError;

/// Refuses a module that imports what it would not be given, by name.
pub(super) fn check(module: &Module) -> Result<(), GuestError> {
    for import in module.imports() {
        let is_function = matches!(import.ty(), ExternType::Func(_));
        if !is_function || !engine::is_wasi(import.module(), import.name()) {
            return Err(GuestError::Import {
                module: import.module().to_owned(),
                name: import.name().to_owned(),
            });
        }
    }
    Ok(())
}
