//! The data directory of a shop or an edge node, and the secret in it.

use std::io::Write;
use std::path::Path;

use crate::app::start_error::StartError;
use crate::config::Config;
use protium_types::hex;
use protium_types::private_files;

/// The secret's file in the data directory.
const SECRET: &str = "secret";

/// What the shop has in its data directory.
const IN_DATA: [&str; 9] = [
    SECRET,
    "shop.db",
    "shop.db-wal",
    "shop.db-shm",
    "edge.db",
    "edge.db-wal",
    "edge.db-shm",
    "artifacts",
    "assets",
];

/// Makes the data directory where it is missing, readable by its owner only. In one that is there,
/// the shop's files are made readable by their owner alone: they may have been copied there.
pub(crate) fn prepare(path: &Path) -> Result<(), StartError> {
    private_files::create_dir_all(path).map_err(|source| StartError::Data {
        path: path.to_owned(),
        doing: "make it",
        source,
    })?;
    for name in IN_DATA {
        let path = path.join(name);
        if let Err(error) = private_files::tighten(&path) {
            let path = path.display();
            tracing::warn!(%error, %path, "other users may be able to read this");
        }
    }
    Ok(())
}

/// The configured secret, or the one in the data directory, which is made when there is none.
pub(crate) fn secret(config: &Config) -> Result<Vec<u8>, StartError> {
    if !config.secret.is_empty() {
        return Ok(config.secret.clone().into_bytes());
    }
    let failed = |doing| {
        let path = config.data.clone();
        move |source| StartError::Data {
            path,
            doing,
            source,
        }
    };
    let path = config.data.join(SECRET);
    let read = || match std::fs::read(&path) {
        Ok(secret) if secret.trim_ascii().len() >= 32 => Ok(Some(secret.trim_ascii().to_vec())),
        Ok(secret) => Err(StartError::Secret {
            path: path.clone(),
            bytes: secret.trim_ascii().len(),
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(failed("read the secret")(source)),
    };
    if let Some(secret) = read()? {
        return Ok(secret);
    }
    let secret = random_hex()?;
    // Written beside and linked into place: of two processes that start at once, one wins and both
    // use its secret.
    let beside = config.data.join(format!(".{SECRET}-{}", random_hex()?));
    let written = write_new(&beside, secret.as_bytes());
    let linked = written.and_then(|()| std::fs::hard_link(&beside, &path));
    let _ = std::fs::remove_file(&beside);
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(failed("write the secret")(error))
        }
        _ => Ok(read()?.unwrap_or(secret.into_bytes())),
    }
}

/// 32 random bytes as hex digits.
fn random_hex() -> Result<String, StartError> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|_| StartError::Randomness)?;
    Ok(hex(&bytes))
}

/// Writes a new file that only its owner can read.
fn write_new(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut file = private_files::options()
        .write(true)
        .create_new(true)
        .open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
