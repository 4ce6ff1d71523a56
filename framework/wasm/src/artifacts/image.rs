//! Images: what an instance that was initialised once has in memory, and its globals. In
//! development other instances begin with a copy: a module with a snapshot would have to be
//! compiled once more.

use wasmtime::{Extern, Instance, Memory, Module, ModuleExport, Store, Val};

/// The exports that instrumenting a module adds to it begin with these.
const MEMORY: &str = "__wizer_memory_0";
const GLOBAL: &str = "__wizer_global_";
/// Memory is compared, and copied, in pieces of this size.
const PIECE: usize = 4 << 10;
/// The size of a page of memory.
const PAGE: usize = 64 << 10;

/// What an instance has in memory, and its globals.
pub(crate) struct Image {
    memory: ModuleExport,
    /// The size of the memory in bytes.
    bytes: usize,
    /// What a new instance has not: offsets, and what is there.
    pieces: Vec<(usize, Vec<u8>)>,
    globals: Vec<(ModuleExport, Val)>,
}

impl Image {
    /// That of an initialised instance of an instrumented module, and a new one. `None` if the
    /// module was not instrumented.
    pub fn of<T>(
        module: &Module,
        (store, initialised): (&mut Store<T>, &Instance),
        (new_store, new): (&mut Store<T>, &Instance),
    ) -> Option<Image> {
        let memory = module.get_export_index(MEMORY)?;
        let names = module.exports().map(|export| export.name().to_owned());
        let names = names.filter(|name| name.starts_with(GLOBAL));
        let mut globals = Vec::new();
        for name in names {
            let value = initialised.get_global(&mut *store, &name)?.get(&mut *store);
            globals.push((module.get_export_index(&name)?, value));
        }
        let before = memory_of(new, &memory, new_store)?.data(&*new_store);
        let after = memory_of(initialised, &memory, store)?.data(&*store);
        let pieces = after.chunks(PIECE).enumerate().filter(|(index, piece)| {
            let was = before.get(index * PIECE..);
            let was = was.unwrap_or_default().get(..piece.len());
            was.map_or_else(|| piece.iter().any(|byte| *byte != 0), |was| was != *piece)
        });
        Some(Image {
            memory,
            bytes: after.len(),
            pieces: joined(pieces.map(|(index, piece)| (index * PIECE, piece))),
            globals,
        })
    }

    /// Gives a new instance this memory and these globals.
    pub fn restore<T>(&self, store: &mut Store<T>, instance: &Instance) -> wasmtime::Result<()> {
        let memory = memory_of(instance, &self.memory, store);
        let Some(memory) = memory else {
            wasmtime::bail!("the module exports no memory")
        };
        let missing = self.bytes.saturating_sub(memory.data_size(&*store));
        memory.grow(&mut *store, (missing / PAGE) as u64)?;
        for (offset, piece) in &self.pieces {
            memory.write(&mut *store, *offset, piece)?;
        }
        for (export, value) in &self.globals {
            let global = instance.get_module_export(&mut *store, export);
            if let Some(global) = global.and_then(Extern::into_global) {
                global.set(&mut *store, *value)?;
            }
        }
        Ok(())
    }
}

fn memory_of<T>(
    instance: &Instance,
    export: &ModuleExport,
    store: &mut Store<T>,
) -> Option<Memory> {
    instance.get_module_export(store, export)?.into_memory()
}

/// Pieces that follow each other become one.
fn joined<'p>(pieces: impl Iterator<Item = (usize, &'p [u8])>) -> Vec<(usize, Vec<u8>)> {
    let mut joined: Vec<(usize, Vec<u8>)> = Vec::new();
    for (offset, piece) in pieces {
        match joined.last_mut() {
            Some((start, bytes)) if *start + bytes.len() == offset => {
                bytes.extend_from_slice(piece);
            }
            _ => joined.push((offset, piece.to_vec())),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_that_follow_each_other_are_one() {
        let pieces: [(usize, &[u8]); 3] = [(0, &[1, 2]), (2, &[3]), (8, &[4])];
        let joined = joined(pieces.into_iter());
        assert_eq!(joined, [(0, vec![1, 2, 3]), (8, vec![4])]);
    }
}
