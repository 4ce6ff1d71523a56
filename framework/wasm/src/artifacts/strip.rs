//! Removes a module's debug information. It stays on the server, to find the source lines of
//! panics.

use wasm_encoder::RawSection;
use wasmparser::{Parser, Payload};

use super::error::ArtifactError;

/// Custom sections that only debuggers and tools read.
fn is_debug(name: &str) -> bool {
    name.starts_with(".debug_") || matches!(name, "name" | "producers" | "target_features")
}

/// The module without debug information; `None` if it has none. All other sections are unchanged.
pub(super) fn without_debug(wasm: &[u8]) -> Result<Option<Vec<u8>>, ArtifactError> {
    let mut stripped = wasm_encoder::Module::new();
    let mut has_lines = false;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(|error| ArtifactError::Module {
            stage: "leaving out the debug information",
            message: error.to_string(),
        })?;
        if let Payload::CustomSection(section) = &payload
            && is_debug(section.name())
        {
            has_lines |= section.name() == ".debug_line";
            continue;
        }
        if let Some((id, range)) = payload.as_section()
            && let Some(data) = wasm.get(range)
        {
            stripped.section(&RawSection { id, data });
        }
    }
    Ok(has_lines.then(|| stripped.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{CustomSection, MemorySection, MemoryType};

    fn module(custom: &[&'static str]) -> Vec<u8> {
        let mut memories = MemorySection::new();
        memories.memory(MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let mut module = wasm_encoder::Module::new();
        module.section(&memories);
        for name in custom {
            module.section(&CustomSection {
                name: (*name).into(),
                data: (&b"x"[..]).into(),
            });
        }
        module.finish()
    }

    #[test]
    fn debug_information_is_left_out_and_nothing_else() {
        let debug = module(&["kept", ".debug_line", ".debug_info", "name", "producers"]);
        assert_eq!(without_debug(&debug).unwrap(), Some(module(&["kept"])));
    }

    #[test]
    fn a_module_without_debug_information_stays_as_it_is() {
        assert_eq!(without_debug(&module(&["kept", "name"])).unwrap(), None);
    }

    #[test]
    fn what_is_not_wasm_is_an_error() {
        assert!(without_debug(b"\0asm\x01\0\0\0\x0b\xff\xff").is_err());
    }
}
