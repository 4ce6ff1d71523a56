//! Package locks hold for every registry and mirror.

use tests::workspace::{path, read};

#[test]
fn package_locks_name_packages_by_hash_and_not_by_address() {
    for lock in [
        "client/package-lock.json",
        "framework/protium/starters/common/e2e/package-lock.json",
        "tests/benches/dev/hydrogen/package-lock.json",
        "tests/benches/dev/vite/package-lock.json",
        "tests/e2e/package-lock.json",
    ] {
        let text = String::from_utf8(read(&path(lock)).expect("the lock is committed"))
            .expect("a lock is UTF-8");
        assert!(
            text.contains(r#""integrity": "sha512-"#),
            "{lock} has no hashes"
        );
        assert!(
            !text.contains(r#""resolved":"#),
            "{lock} has addresses; set omit-lockfile-registry-resolved=true and make it anew"
        );
    }
}
