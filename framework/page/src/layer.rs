//! Layers of template files: later ones replace files of earlier ones.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::error::PageError;

/// The deepest folder of templates.
const MAX_FOLDERS: usize = 8;

/// A source of templates. A later layer replaces files of an earlier one by name; its templates
/// refer to the replaced ones as `theme/NAME`.
#[derive(Debug, Clone)]
pub enum TemplateLayer {
    /// Files in the binary.
    Embedded(&'static include_dir::Dir<'static>),
    /// Files in a folder, which may not exist.
    Folder(PathBuf),
}

/// The extension of template files.
pub(super) const TEMPLATES: &str = "html";
/// The extension of message files.
pub(super) const MESSAGES: &str = "json";

/// The prefix of the base theme's files that the shop has replaced.
pub(super) const THEME: &str = "theme/";

/// The sources of templates by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Sources {
    /// All templates: the last layer's files replace others of the same name.
    pub files: BTreeMap<String, String>,
    /// The templates of the layers below the last.
    pub theme: BTreeMap<String, String>,
}

/// Reads the files of all layers.
pub(super) fn read(layers: &[TemplateLayer]) -> Result<Sources, PageError> {
    let theme = match layers {
        [below @ .., _] => read_layers(below)?,
        [] => BTreeMap::new(),
    };
    let mut files = theme.clone();
    if let Some(last) = layers.last() {
        files.extend(read_layers(std::slice::from_ref(last))?);
    }
    Ok(Sources { files, theme })
}

fn read_layers(layers: &[TemplateLayer]) -> Result<BTreeMap<String, String>, PageError> {
    let mut sources = BTreeMap::new();
    for layer in layers {
        sources.extend(read_files(layer, TEMPLATES)?);
    }
    Ok(sources)
}

/// The files of a layer with this extension, by name.
pub(super) fn read_files(
    layer: &TemplateLayer,
    extension: &str,
) -> Result<BTreeMap<String, String>, PageError> {
    let mut sources = BTreeMap::new();
    match layer {
        TemplateLayer::Embedded(dir) => embedded(dir, extension, &mut sources),
        TemplateLayer::Folder(folder) => {
            for path in files_in(folder, extension)? {
                let bytes = std::fs::read(&path).map_err(|source| PageError::Read {
                    path: path.clone(),
                    source,
                })?;
                let name = name_in(folder, &path);
                sources.insert(
                    name,
                    String::from_utf8_lossy(&bytes).replace('\0', "\u{FFFD}"),
                );
            }
        }
    }
    Ok(sources)
}

fn embedded(dir: &include_dir::Dir<'_>, extension: &str, sources: &mut BTreeMap<String, String>) {
    for file in dir.files() {
        if has_extension(file.path(), extension)
            && let Some(text) = file.contents_utf8()
        {
            sources.insert(
                name_in(Path::new(""), file.path()),
                text.replace('\0', "\u{FFFD}"),
            );
        }
    }
    for inner in dir.dirs() {
        embedded(inner, extension, sources);
    }
}

/// A template's name: its path in the layer, with `/` between folders.
fn name_in(folder: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(folder).unwrap_or(path);
    let parts: Vec<_> = relative
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

fn has_extension(path: &Path, extension: &str) -> bool {
    let hidden = path
        .file_name()
        .is_none_or(|name| name.to_string_lossy().starts_with('.'));
    !hidden && path.extension().is_some_and(|found| found == extension)
}

/// The files with this extension in a folder and below it, sorted.
fn files_in(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, PageError> {
    let mut files = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let failed = |source| PageError::Read {
            path: folder.clone(),
            source,
        };
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if depth == 0 && error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(failed(error)),
        };
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() {
                if depth < MAX_FOLDERS {
                    folders.push((path, depth + 1));
                }
            } else if has_extension(&path, extension) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
