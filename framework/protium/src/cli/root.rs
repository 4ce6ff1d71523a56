//! Which directory the shop is in.

use std::path::PathBuf;

use crate::config::FILE;

/// The directory that was named; else the current one, when it has a configuration; else the one
/// that the program was built with.
pub(crate) fn find(
    named: Option<PathBuf>,
    current: Option<PathBuf>,
    built_with: PathBuf,
) -> PathBuf {
    named
        .or_else(|| current.filter(|current| current.join(FILE).is_file()))
        .unwrap_or(built_with)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_current_directory_is_the_shop_when_it_has_a_configuration() {
        let here = tempfile::tempdir().expect("a directory");
        let current = || Some(here.path().to_owned());
        let built_with = PathBuf::from("/source/of/a/shop");
        let root =
            |named: Option<&str>| find(named.map(PathBuf::from), current(), built_with.clone());
        assert_eq!(root(None), built_with);
        std::fs::write(here.path().join(FILE), "").expect("written");
        assert_eq!(root(None), here.path());
        assert_eq!(root(Some("/another")), PathBuf::from("/another"));
        assert_eq!(find(None, None, built_with.clone()), built_with);
    }
}
