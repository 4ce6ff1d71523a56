//! What a shop needs of the machine: its port, its data directory, its Go module.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use super::finding::Finding;
use crate::config::Config;
use crate::kit;

/// What was found for the shop of this configuration.
pub fn findings(config: &Config) -> Vec<Finding> {
    vec![
        port(config.listen),
        data(&config.data),
        components(&config.components),
    ]
}

fn port(address: SocketAddr) -> Finding {
    match TcpListener::bind(address) {
        Ok(_) => Finding::ok("port", format!("{address} is free")),
        Err(error) => {
            let why = match error.kind() {
                ErrorKind::AddrInUse => format!("{address} is taken"),
                _ => format!("{address}: {error}"),
            };
            Finding::broken("port", why).advice("--listen or PROTIUM_LISTEN names another")
        }
    }
}

fn data(directory: &Path) -> Finding {
    let shown = directory.display();
    let existing = directory.ancestors().find(|above| above.is_dir());
    let Some(existing) = existing else {
        return Finding::broken("data", format!("{shown} cannot be made"));
    };
    if let Err(error) = tempfile::tempfile_in(existing) {
        let found = format!("{} cannot be written ({error})", existing.display());
        return Finding::broken("data", found).advice("--data or PROTIUM_DATA names another");
    }
    if existing != directory {
        return Finding::ok("data", format!("{shown} will be made"));
    }
    let megabytes = size(&directory.join("artifacts")) / 1_000_000;
    let found = format!("{shown}, with {megabytes} MB of built modules");
    match others_may_read(directory) {
        true => Finding::ok("data", found).advice(format!(
            "other users can look into it: chmod go-rwx {shown}"
        )),
        false => Finding::ok("data", found),
    }
}

#[cfg(unix)]
fn others_may_read(directory: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let metadata = directory.metadata();
    metadata.is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn others_may_read(_: &Path) -> bool {
    false
}

/// The bytes of all files in a folder.
fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => size(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    });
    sizes.sum()
}

fn components(folder: &Path) -> Finding {
    match kit::check(folder) {
        Ok(_) => Finding::ok("components", folder.display().to_string()),
        Err(error) => Finding::broken("components", error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::finding::State;

    #[test]
    fn a_port_is_free_or_taken() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let taken = port(address);
        assert_eq!(taken.state, State::Broken, "{taken}");
        assert!(taken.to_string().contains("is taken; --listen"), "{taken}");
        let any = port(SocketAddr::from(([127, 0, 0, 1], 0)));
        assert_eq!(any.state, State::Ok, "{any}");
    }

    #[test]
    fn a_data_directory_is_there_or_can_be_made() {
        let place = tempfile::tempdir().expect("a directory");
        let missing = data(&place.path().join("data/store"));
        assert!(missing.found.ends_with("will be made"), "{missing}");
        std::fs::create_dir(place.path().join("artifacts")).expect("made");
        let module = place.path().join("artifacts/module");
        std::fs::write(module, vec![0; 3_000_000]).expect("written");
        let there = data(place.path());
        assert!(there.found.contains("with 3 MB"), "{there}");
        assert_eq!(there.state, State::Ok, "{there}");
    }

    #[cfg(unix)]
    #[test]
    fn a_data_directory_that_others_can_look_into_is_told() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().expect("a directory");
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(place.path(), open).expect("set");
        let found = data(place.path());
        let advice = found.advice.as_deref().unwrap_or_default();
        assert!(advice.contains("chmod go-rwx"), "{found}");
        assert!(!found.prevents_serving());
        let private = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(place.path(), private).expect("set");
        assert_eq!(data(place.path()).advice, None);
    }

    #[test]
    fn a_kit_of_another_version_is_found_before_a_build() {
        let module = tempfile::tempdir().expect("a directory");
        let write = |version: &str| {
            let text = format!(
                "module tea\n\nrequire protium.dev/components {version}\n\n\
                 replace protium.dev/components => ./.protium/components\n"
            );
            std::fs::write(module.path().join("go.mod"), text).expect("written");
        };
        write(kit::VERSION);
        assert_eq!(components(module.path()).state, State::Ok);
        write("v0.0.1");
        let other = components(module.path());
        assert!(other.prevents_serving());
        assert!(other.found.contains("go mod edit -require="), "{other}");
    }
}
