//! Imports of a module of components. A TinyGo module has none; one of the standard Go toolchain
//! imports parts of WASI, which are implemented so that its runtime works and rendering stays pure.

use wasmtime::{ExternType, Module};

use crate::engine;
use crate::error::GuestError;

/// Refuses a module with other imports, by name.
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
