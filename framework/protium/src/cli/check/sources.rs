//! Where something on a page comes from in the shop's templates, as far as its text says.

use std::path::{Path, PathBuf};

use scraper::ElementRef;

use super::selectors::attribute;

/// The shop's own templates, by their paths in its directory.
pub struct Sources(Vec<(String, String)>);

impl Sources {
    /// Reads them. A folder that cannot be read has none: opening the shop says so.
    pub fn read(root: &Path) -> Sources {
        let mut files = Vec::new();
        let mut folders = vec![PathBuf::from("templates")];
        while let Some(folder) = folders.pop() {
            let entries = std::fs::read_dir(root.join(&folder))
                .into_iter()
                .flatten()
                .flatten();
            for entry in entries {
                let path = folder.join(entry.file_name());
                let file = root.join(&path);
                if file.is_dir() {
                    folders.push(path);
                } else if let Ok(text) = std::fs::read_to_string(&file) {
                    files.push((path.to_string_lossy().replace('\\', "/"), text));
                }
            }
        }
        files.sort();
        Sources(files)
    }

    /// The names of the plain pages: `templates/pages/NAME.html`.
    pub fn own_pages(&self) -> impl Iterator<Item = &str> {
        let names = self
            .0
            .iter()
            .filter_map(|(path, _)| path.strip_prefix("templates/pages/")?.strip_suffix(".html"));
        names.filter(|name| !name.contains('/'))
    }

    /// Whether the shop has this template itself.
    pub fn has(&self, template: &str) -> bool {
        let mut paths = self
            .0
            .iter()
            .map(|(path, _)| path.strip_prefix("templates/"));
        paths.any(|name| name == Some(template))
    }

    /// The first line that gives an element one of the attributes that it has.
    pub fn place_of(&self, element: &ElementRef<'_>) -> Option<(&str, usize)> {
        ["id", "name", "href", "src", "action", "class"]
            .iter()
            .find_map(|name| {
                let value = attribute(element, name);
                match value {
                    "" => None,
                    value => self
                        .line_with(&format!(" {name}=\"{value}\""))
                        // Behind the prefix of a market.
                        .or_else(|| self.line_with(&format!("{}{value}\"", "}}"))),
                }
            })
    }

    fn line_with(&self, text: &str) -> Option<(&str, usize)> {
        self.0.iter().find_map(|(path, source)| {
            let line = source.lines().position(|line| line.contains(text))?;
            Some((path.as_str(), line + 1))
        })
    }
}
