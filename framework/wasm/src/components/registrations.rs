//! Finds where Go sources register a component, for messages about a component that is missing in
//! an outdated module.

use std::fs;
use std::path::Path;

/// The deepest folder that is searched.
const DEPTH: usize = 8;

/// The place in this folder of Go sources, as `FOLDER/FILE.go:LINE`.
pub(super) fn find(folder: &Path, component: &str) -> Option<String> {
    let call = format!("ui.Register(\"{component}\"");
    let (path, line) = find_in(folder, &call, DEPTH)?;
    let path = path.strip_prefix(folder).ok()?.display().to_string();
    Some(format!("{path}:{line}"))
}

fn find_in(folder: &Path, call: &str, depth: usize) -> Option<(std::path::PathBuf, usize)> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    for path in paths {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if name.starts_with(['.', '_']) || name == "node_modules" {
            continue;
        }
        if path.is_dir() {
            let found = depth
                .checked_sub(1)
                .and_then(|depth| find_in(&path, call, depth));
            if found.is_some() {
                return found;
            }
        } else if name.ends_with(".go")
            && !name.ends_with("_test.go")
            && let Ok(text) = fs::read_to_string(&path)
            && let Some(line) = text.lines().position(|line| line.contains(call))
        {
            return Some((path, line + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_is_found_with_its_line() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir_all(directory.path().join("store/_old")).unwrap();
        let text = "package main\n\nfunc init() {\n\tui.Register(\"rating\", nil)\n}\n";
        fs::write(directory.path().join("store/rating.go"), text).unwrap();
        fs::write(
            directory.path().join("store/_old/stars.go"),
            text.replace("rating", "stars"),
        )
        .unwrap();
        assert_eq!(
            find(directory.path(), "rating").as_deref(),
            Some("store/rating.go:4")
        );
        assert_eq!(find(directory.path(), "ratin"), None);
        assert_eq!(find(directory.path(), "stars"), None);
    }
}
