//! Checks a module's imports against its grants when it is loaded, and refuses one that imports
//! more.

use wasmparser::{Import, TypeRef};

use super::grants::Capabilities;
use crate::engine::is_wasi;

/// Grants of a kit module that it imports nothing for, by their keys in its manifest.
pub(crate) fn unused(imports: &[Import<'_>], grants: &Capabilities) -> Vec<&'static str> {
    let has = |name: &str| imports.iter().any(|import| import.name == name);
    let granted = [
        ("clock", grants.clock, ["now", "clock_time_get"]),
        ("random", grants.random, ["random", "random_get"]),
        (
            "key_value",
            !grants.key_value.is_empty(),
            ["key_value_get", "key_value_set"],
        ),
        ("database", grants.database, ["database_get", ""]),
        (
            "backends",
            !grants.backends.is_empty(),
            ["backend_start", ""],
        ),
    ];
    let is_unused = |(_, is_granted, names): &(_, bool, [&str; 2])| {
        *is_granted && !names.iter().any(|name| has(name))
    };
    granted
        .into_iter()
        .filter(is_unused)
        .map(|(key, ..)| key)
        .collect()
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_that_nothing_is_imported_for_is_unused() {
        let granted = Capabilities {
            key_value: vec!["stock:".to_owned()],
            database: true,
            random: true,
            clock: true,
            ..Capabilities::default()
        };
        let of = |names: &[&'static str]| {
            let imports = names.iter().map(|name| Import {
                module: EDGE,
                name,
                ty: TypeRef::Func(0),
            });
            unused(&imports.collect::<Vec<_>>(), &granted)
        };
        assert_eq!(of(&[]), ["clock", "random", "key_value", "database"]);
        assert_eq!(of(&["key_value_set", "now"]), ["random", "database"]);
        let all = [
            "clock_time_get",
            "random_get",
            "key_value_get",
            "database_get",
        ];
        assert_eq!(of(&all), [""; 0]);
    }
}
