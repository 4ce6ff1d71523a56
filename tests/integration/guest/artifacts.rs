//! Artifacts on disk: made once, made anew when they are not what they should be, and never a
//! danger.

use std::fs;
use std::path::{Path, PathBuf};

use protium_wasm::{
    ArtifactError, Batch, GuestError, Host, HostConfig, IslandCall, LaneChoice, ModuleSource, Value,
};

use sha2::{Digest, Sha256};

use super::{bytes, hostile, render, runtime, start};

fn in_directory(cache: &Path) -> HostConfig {
    HostConfig {
        cache: cache.to_owned(),
        ..hostile(LaneChoice::Auto)
    }
}

fn works(host: &Host) {
    let island = IslandCall {
        component: "fine".into(),
        id: "fine-1".into(),
        props: Value::Record(vec![]),
        hydrate: "load".into(),
    };
    let batch = Batch {
        ctx: Value::Record(vec![]),
        stores: Value::Null,
        islands: vec![island],
    };
    assert_eq!(
        render(host, &batch).island(0),
        Some("<p data-go-id=\"fine-1\">fine</p>")
    );
}

/// The artifacts in the directory with their content, locks left out.
fn kept(cache: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let files = fs::read_dir(cache)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_none_or(|extension| extension != "lock"));
    let mut files: Vec<_> = files
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

/// The stages that these artifacts come from.
fn stages(artifacts: &[(PathBuf, Vec<u8>)]) -> Vec<String> {
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    let mut stages: Vec<_> = artifacts
        .iter()
        .map(|(path, _)| name(path).split('-').next().unwrap().to_owned())
        .collect();
    stages.dedup();
    stages
}

#[test]
fn a_second_start_takes_every_stage_from_the_directory() {
    let directory = tempfile::tempdir().unwrap();
    let cache = directory.path().join("artifacts");
    works(&start(in_directory(&cache)));
    let first = kept(&cache);
    assert_eq!(
        stages(&first),
        ["brotli", "gzip", "native", "snapshot", "wasm"]
    );
    let modified = |path: &PathBuf| fs::metadata(path).unwrap().modified().unwrap();
    let before: Vec<_> = first.iter().map(|(path, _)| modified(path)).collect();
    works(&start(in_directory(&cache)));
    assert_eq!(kept(&cache), first);
    assert_eq!(
        first
            .iter()
            .map(|(path, _)| modified(path))
            .collect::<Vec<_>>(),
        before
    );
}

#[test]
fn artifacts_that_are_damaged_or_foreign_are_made_anew() {
    let directory = tempfile::tempdir().unwrap();
    let cache = directory.path().join("artifacts");
    works(&start(in_directory(&cache)));
    let good = kept(&cache);
    for damage in [
        |content: &[u8]| content[..content.len() / 2].to_vec(),
        |_: &[u8]| b"\x7fELF this is not ours".to_vec(),
        |_: &[u8]| Vec::new(),
        |content: &[u8]| {
            let mut content = content.to_vec();
            let middle = content.len() / 2;
            content[middle] ^= 0x40;
            content
        },
    ] {
        for (path, content) in &good {
            fs::write(path, damage(content)).unwrap();
        }
        works(&start(in_directory(&cache)));
        // A snapshot of Go's runtime is not the same every time, and its native code has another
        // name then.
        assert_eq!(stages(&kept(&cache)), stages(&good));
    }
    let (native, _) = good
        .iter()
        .find(|(path, _)| path.to_string_lossy().contains("native-"))
        .unwrap();
    let (_, snapshot) = good
        .iter()
        .find(|(path, _)| path.to_string_lossy().contains("snapshot-"))
        .unwrap();
    fs::write(native, snapshot).unwrap();
    works(&start(in_directory(&cache)));
}

#[test]
fn native_code_of_another_wasmtime_is_made_anew() {
    let directory = tempfile::tempdir().unwrap();
    let cache = directory.path().join("artifacts");
    works(&start(in_directory(&cache)));
    let good = kept(&cache);
    let (path, content) = good
        .iter()
        .find(|(path, _)| path.to_string_lossy().contains("native-"))
        .unwrap();
    // Its version stands in its head, as a length and digits.
    let (code, _) = content.split_at(content.len() - 32);
    let at = code
        .windows(3)
        .position(|three| three == b"\x0248")
        .unwrap();
    assert!(at < 256, "this is not the version");
    let other = [&code[..at + 2], b"7", &code[at + 3..]].concat();
    // Sealed as if it had been put here with all right.
    let name = path.file_name().unwrap().to_str().unwrap();
    let digest = bytes(name.strip_prefix("native-").unwrap());
    let seal = Sha256::new()
        .chain_update(digest)
        .chain_update(&other)
        .finalize();
    fs::write(path, [&other[..], &seal].concat()).unwrap();
    works(&start(in_directory(&cache)));
    assert!(fs::read(path).unwrap() == *content);
}

#[test]
fn many_starts_at_one_time_in_one_directory_all_succeed() {
    let directory = tempfile::tempdir().unwrap();
    let cache = directory.path().join("artifacts");
    runtime().block_on(async {
        let mut starts = tokio::task::JoinSet::new();
        for _ in 0..6 {
            starts.spawn(Host::start(in_directory(&cache)));
        }
        while let Some(host) = starts.join_next().await {
            host.unwrap().unwrap();
        }
    });
    assert_eq!(kept(&cache).len(), 5);
}

#[cfg(unix)]
#[test]
fn a_directory_that_others_can_enter_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let result = runtime().block_on(Host::start(in_directory(directory.path())));
    let error = result.err().unwrap();
    assert!(
        matches!(
            &error,
            GuestError::Artifact(ArtifactError::CacheNotPrivate { .. })
        ),
        "{error}"
    );
    assert!(error.to_string().contains("chmod 700"), "{error}");
}

#[test]
fn a_file_that_is_no_module_of_ours_is_a_clear_error() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("module.wasm");
    for content in [b"".as_slice(), b"no wasm", b"\0asm\x01\0\0\0"] {
        fs::write(&path, content).unwrap();
        let mut config = in_directory(&directory.path().join("artifacts"));
        config.source = ModuleSource::File(path.clone());
        let error = runtime().block_on(Host::start(config)).err().unwrap();
        assert!(
            matches!(error, GuestError::Artifact(_) | GuestError::Export(_)),
            "{error:?}"
        );
    }
}

#[test]
fn sources_that_do_not_compile_are_an_error_with_the_compilers_words() {
    let directory = tempfile::tempdir().unwrap();
    let components = directory.path().join("components");
    fs::create_dir_all(components.join("shop")).unwrap();
    fs::write(components.join("go.mod"), "module shop\n\ngo 1.24\n").unwrap();
    fs::write(
        components.join("shop/main.go"),
        "package main\n\nfunc main() { nonsense() }\n",
    )
    .unwrap();
    let mut config = HostConfig::new(&components, "shop", directory.path().join("artifacts"));
    config.lane = LaneChoice::Go;
    let error = runtime()
        .block_on(Host::start(config))
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("undefined: nonsense") && error.contains("./shop"),
        "{error}"
    );
}

/// What is compiled here is what the Go tools make of the sources; a module that asks for more than
/// it is given is refused by the name of what it asks for.
#[test]
fn an_import_that_is_not_granted_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let components = directory.path().join("components");
    fs::create_dir_all(components.join("shop")).unwrap();
    fs::write(components.join("go.mod"), "module shop\n\ngo 1.24\n").unwrap();
    let source = "package main\n\n//go:wasmimport env open_sesame\nfunc open() uint32\n\n\
                  //go:wasmexport go_frame\nfunc frame() uint32 { return open() }\n\n\
                  func main() {}\n";
    fs::write(components.join("shop/main.go"), source).unwrap();
    let mut config = HostConfig::new(&components, "shop", directory.path().join("artifacts"));
    config.lane = LaneChoice::Go;
    let error = runtime().block_on(Host::start(config)).err().unwrap();
    assert!(
        matches!(
            &error,
            GuestError::Import { module, name } if module == "env" && name == "open_sesame"
        ),
        "{error}"
    );
}
