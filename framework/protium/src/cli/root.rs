//! Which directory the shop is in.

use std::path::PathBuf;

use crate::config::FILE;

/// The directory that was named; else the current one, or the program's own, when it has a
/// configuration; else the one that the program was built with.
pub(crate) fn of_this_process(named: Option<PathBuf>, built_with: PathBuf) -> PathBuf {
    let program = std::env::current_exe().ok();
    let programs = program.and_then(|program| Some(program.parent()?.to_owned()));
    find(named, [std::env::current_dir().ok(), programs], built_with)
}

fn find(named: Option<PathBuf>, places: [Option<PathBuf>; 2], built_with: PathBuf) -> PathBuf {
    let mut places = places.into_iter().flatten();
    named
        .or_else(|| places.find(|place| place.join(FILE).is_file()))
        .unwrap_or(built_with)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_current_directory_or_the_programs_is_the_shop_when_it_has_a_configuration() {
        let (here, programs) = (tempfile::tempdir(), tempfile::tempdir());
        let (here, programs) = (here.expect("a directory"), programs.expect("another"));
        let places = || [here.path(), programs.path()].map(|place| Some(place.to_owned()));
        let built_with = PathBuf::from("/source/of/a/shop");
        let root =
            |named: Option<&str>| find(named.map(PathBuf::from), places(), built_with.clone());
        assert_eq!(root(None), built_with);
        std::fs::write(programs.path().join(FILE), "").expect("written");
        assert_eq!(root(None), programs.path());
        std::fs::write(here.path().join(FILE), "").expect("written");
        assert_eq!(root(None), here.path());
        assert_eq!(root(Some("/another")), PathBuf::from("/another"));
        assert_eq!(find(None, [None, None], built_with.clone()), built_with);
    }
}
