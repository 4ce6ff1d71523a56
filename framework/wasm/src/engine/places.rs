//! Source lines of failures: from offsets in a TinyGo module and its debug information, and from
//! the output of Go's runtime.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use bytes::Bytes;
use gimli::{AttributeValue, DebugLine, DebugLineOffset, EndianSlice, LittleEndian};
use wasmparser::{Parser, Payload};

/// The most frames of a call that are resolved.
pub(super) const FRAMES: usize = 32;
/// The kits within the folder of components, and their place in a shop's folder: their lines do not
/// help the author of a component.
const KITS: [&str; 3] = ["ui/", "edge/kit/", ".protium/"];

/// The source lines of a module.
pub(crate) struct Places {
    /// The folder of Go components, if the module comes from one.
    directory: Option<PathBuf>,
    /// The module that runs, without debug information.
    module: Bytes,
    /// The module with debug information; `None` if it was built without.
    debug: Option<Bytes>,
    table: OnceLock<Table>,
}

/// An instruction: the index of its function in the module, and its offset in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Instruction {
    pub function: u32,
    pub offset: usize,
}

#[derive(Default)]
struct Table {
    /// The offset of the code section's contents in the module.
    code: usize,
    /// Imported functions come first in the index space.
    imported: u32,
    /// The offsets of the functions' bodies in the module.
    bodies: Vec<usize>,
    /// By address, relative to the code section's contents.
    lines: Vec<Line>,
    files: Vec<String>,
}

struct Line {
    address: u64,
    /// The last row of its function. Tools that optimise a module leave it at the beginning of its
    /// range.
    is_end: bool,
    /// An index of `files`, and the line.
    place: Option<(usize, u64)>,
}

impl Places {
    pub fn new(directory: Option<PathBuf>, module: Bytes, debug: Option<Bytes>) -> Places {
        // TinyGo names files by their real paths.
        let directory = directory.map(|path| path.canonicalize().unwrap_or(path));
        Places {
            directory,
            module,
            debug,
            table: OnceLock::new(),
        }
    }

    /// The innermost source line of a component among these frames, as `FOLDER/FILE.go:LINE`.
    pub fn of_frames(&self, frames: &[Instruction]) -> Option<String> {
        let table = self.table();
        let addresses = frames.iter().filter_map(|frame| {
            let index = frame.function.checked_sub(table.imported)? as usize;
            let at = table.bodies.get(index)?.checked_add(frame.offset)?;
            at.checked_sub(table.code)
        });
        self.innermost(addresses)
    }

    /// The same for offsets in the module for browsers.
    pub fn of_offsets(&self, offsets: &[usize]) -> Option<String> {
        let code = self.table().code;
        self.innermost(offsets.iter().filter_map(|at| at.checked_sub(code)))
    }

    /// The text of a source line.
    pub fn source_line(&self, place: &str) -> Option<String> {
        let (file, line) = place.rsplit_once(':')?;
        let line: usize = line.parse().ok()?;
        let text = std::fs::read_to_string(self.directory.as_ref()?.join(file)).ok()?;
        let line = text.lines().nth(line.checked_sub(1)?)?.trim();
        (!line.is_empty()).then(|| line.to_owned())
    }

    fn innermost(&self, addresses: impl Iterator<Item = usize>) -> Option<String> {
        let table = self.table();
        addresses
            .filter_map(|address| table.place(address as u64))
            .find_map(|(file, line)| Some(format!("{}:{line}", self.component_file(file)?)))
    }

    /// The source line in the output of Go's runtime after a panic: in lines that begin with a tab.
    pub fn of_trace(&self, text: &str) -> Option<String> {
        let places = text.lines().filter_map(|line| {
            let place = line.strip_prefix('\t')?;
            let place = place.split(" +0x").next()?;
            place.rsplit_once(':')
        });
        places
            .filter(|(_, line)| line.bytes().all(|byte| byte.is_ascii_digit()))
            .find_map(|(file, line)| Some(format!("{}:{line}", self.component_file(file)?)))
    }

    /// The file's path in the folder of components; `None` for other files, and for the kit.
    fn component_file<'f>(&self, file: &'f str) -> Option<&'f str> {
        let directory = self.directory.as_deref()?;
        let inside = match Path::new(file).strip_prefix(directory) {
            Ok(inside) => inside.to_str()?,
            // `-trimpath` replaces the folder of the module by its path.
            Err(_) => file
                .match_indices('/')
                .map(|(at, _)| &file[at + 1..])
                .find(|rest| !rest.starts_with('/') && directory.join(rest).is_file())?,
        };
        (!KITS.iter().any(|kit| inside.starts_with(kit))).then_some(inside)
    }

    fn table(&self) -> &Table {
        self.table
            .get_or_init(|| Table::read(&self.module, self.debug.as_deref()))
    }
}

impl Table {
    /// Parses as much as is valid.
    fn read(module: &[u8], debug: Option<&[u8]>) -> Table {
        let mut table = Table::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload {
                Ok(Payload::ImportSection(imports)) => {
                    let imports = imports.into_imports().filter_map(Result::ok);
                    let functions = imports
                        .filter(|import| matches!(import.ty, wasmparser::TypeRef::Func(_)))
                        .count();
                    table.imported = u32::try_from(functions).unwrap_or(u32::MAX);
                }
                Ok(Payload::CodeSectionStart { range, .. }) => table.code = range.start,
                Ok(Payload::CodeSectionEntry(body)) => table.bodies.push(body.range().start),
                Ok(_) => {}
                Err(_) => break,
            }
        }
        let lines = debug.and_then(line_section);
        if let Some(lines) = lines {
            // Without readable debug information there are no lines.
            let _ = table.read_lines(lines);
        }
        table.lines.sort_by_key(|line| (line.address, !line.is_end));
        table
    }

    fn read_lines(&mut self, section: &[u8]) -> gimli::Result<()> {
        /// Bytes of the length at the beginning of a line program.
        const LENGTH: usize = 4;
        /// Bytes of an address in a module.
        const ADDRESS: u8 = 4;
        let lines = DebugLine::new(section, LittleEndian);
        let mut at = 0;
        while at < section.len() {
            let program = lines.program(DebugLineOffset(at), ADDRESS, None, None)?;
            at += LENGTH + program.header().unit_length();
            let mut files: Vec<(u64, usize)> = Vec::new();
            let mut rows = program.rows();
            while let Some((header, row)) = rows.next_row()? {
                let index = row.file_index();
                let known = files.iter().find(|(known, _)| *known == index);
                let file = match known {
                    Some((_, file)) => *file,
                    None => {
                        let path = row.file(header).map(|file| path(header, file));
                        self.files.push(path.unwrap_or_default());
                        files.push((index, self.files.len() - 1));
                        self.files.len() - 1
                    }
                };
                self.lines.push(Line {
                    address: row.address(),
                    is_end: row.end_sequence(),
                    place: row.line().map(|line| (file, line.get())),
                });
            }
        }
        Ok(())
    }

    fn place(&self, address: u64) -> Option<(&str, u64)> {
        let behind = self.lines.partition_point(|line| line.address <= address);
        let line = self.lines.get(behind.checked_sub(1)?)?;
        let (file, line) = line.place?;
        Some((self.files.get(file)?, line))
    }
}

type Slice<'a> = EndianSlice<'a, LittleEndian>;

fn path(
    header: &gimli::LineProgramHeader<Slice<'_>>,
    file: &gimli::FileEntry<Slice<'_>>,
) -> String {
    let text = |value: AttributeValue<Slice<'_>>| match value {
        AttributeValue::String(text) => text.to_string_lossy().into_owned(),
        _ => String::new(),
    };
    let name = text(file.path_name());
    match file.directory(header).map(text) {
        Some(folder) if !folder.is_empty() && !name.starts_with('/') => format!("{folder}/{name}"),
        _ => name,
    }
}

fn line_section(module: &[u8]) -> Option<&[u8]> {
    Parser::new(0).parse_all(module).find_map(|payload| {
        if let Payload::CustomSection(section) = payload.ok()?
            && section.name() == ".debug_line"
        {
            return Some(section.data());
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of components with one file, and the kit.
    fn components() -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for file in ["lab/main.go", "ui/build.go"] {
            let path = directory.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "package x\n").unwrap();
        }
        directory
    }

    fn places(directory: &tempfile::TempDir) -> Places {
        Places::new(Some(directory.path().to_owned()), Bytes::new(), None)
    }

    #[test]
    fn a_trace_of_go_is_read_up_to_the_first_component() {
        let directory = components();
        let trace = "panic: blown\n\ngoroutine 1 [running]:\npanic(...)\n\truntime/panic.go:860 \
                     +0x12\n\
                     protium.dev/components/ui.fail(...)\n\tprotium.dev/components/ui/build.go:3 \
                     +0x2\n\
                     main.(*Fuse).Render(0xc)\n\tprotium.dev/components/lab/main.go:95 +0x6\n\
                     main.other()\n\tprotium.dev/components/lab/main.go:12\n";
        assert_eq!(
            places(&directory).of_trace(trace).as_deref(),
            Some("lab/main.go:95")
        );
        assert_eq!(
            places(&directory).of_trace("panic: x\n\t:\n\tz\n\ta:b"),
            None
        );
    }

    #[test]
    fn a_module_that_makes_no_sense_has_no_places() {
        let directory = components();
        let frame = Instruction {
            function: 3,
            offset: 9,
        };
        for bytes in [&b""[..], b"\0asm\x01\0\0\0\x0a\xff", b"nonsense"] {
            let bytes = Bytes::copy_from_slice(bytes);
            let places = Places::new(
                Some(directory.path().to_owned()),
                bytes.clone(),
                Some(bytes),
            );
            assert_eq!(places.of_frames(&[frame]), None);
            assert_eq!(places.of_offsets(&[0, 7, usize::MAX]), None);
        }
    }
}
