//! Checks a module's imports against its grants when it is loaded, and refuses one that imports
//! more.

use wasmparser::{Import, TypeRef};

use super::grants::Capabilities;
use crate::engine::is_wasi;

/// The import module of the kit's functions.
pub(crate) const EDGE: &str = "protium_edge";

/// A module imports what its manifest does not grant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the module imports {module}.{name}, {problem}")]
pub struct ImportRefused {
    /// The import's module.
    pub module: String,
    /// The import's name.
    pub name: String,
    /// What to do.
    pub problem: &'static str,
}

/// Refuses a module whose imports do not exist or are not granted.
pub(crate) fn check(imports: &[Import<'_>], grants: &Capabilities) -> Result<(), ImportRefused> {
    for import in imports {
        let refused = |problem| ImportRefused {
            module: import.module.to_owned(),
            name: import.name.to_owned(),
            problem,
        };
        if !matches!(import.ty, TypeRef::Func(_)) {
            return Err(refused("which is not a function"));
        }
        if import.module != EDGE {
            if !is_wasi(import.module, import.name) {
                return Err(refused(
                    "which does not exist for edge modules: rebuild it without",
                ));
            }
            continue;
        }
        let (granted, problem) = match import.name {
            "answer" | "fail" | "take" | "log" | "remaining" => (true, ""),
            "now" => (grants.clock, "which its manifest grants as `clock = true`"),
            "random" => (
                grants.random,
                "which its manifest grants as `random = true`",
            ),
            "key_value_get" | "key_value_set" => (
                !grants.key_value.is_empty(),
                "which its manifest grants as `key_value = [\"PREFIX\"]`",
            ),
            "database_get" => (
                grants.database,
                "which its manifest grants as `database = true`",
            ),
            "backend_start" | "backend_wait" => (
                !grants.backends.is_empty(),
                "which its manifest grants as `backends.NAME`",
            ),
            _ => (false, "which this version of the server does not have"),
        };
        if !granted {
            return Err(refused(problem));
        }
    }
    Ok(())
}
