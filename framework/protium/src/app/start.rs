//! From a configuration to a running shop, or an error that says what to do.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::app::Shop;
use crate::app::additions::Additions;
use crate::app::import_file;
use crate::cli::release::ReleaseFailure;
use crate::config::{Config, ConfigError};
use crate::http::assets::AssetError;
use crate::http::connections::Capacity;
use crate::http::error::HttpError;
use crate::kit::KitError;
use crate::prewarm::prewarmer::NoPrewarm;
use protium_cache::SharedError;
use protium_commerce::ProviderError;
use protium_commerce::sqlite::OpenError;
use protium_page::PageError;
use protium_types::MarketError;
use protium_types::hex;
use protium_types::locale::LocaleError;
use protium_types::private_files;
use protium_wasm::GuestError;
use protium_wasm::functions::EdgeError;

/// The secret's file in the data directory.
const SECRET: &str = "secret";

/// Why a shop does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The shop's directory is not there.
    #[error("{}: there is no such directory; name the shop's directory with \
             --shop", path.display())]
    NoShop {
        /// The directory.
        path: PathBuf,
    },
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Nobody can connect there.
    #[error("cannot listen on {address}: {why}", why = listen_advice(source))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The data directory cannot be used.
    #[error("data directory {}: cannot {doing} ({source}); \
             {advice}", path.display(), advice = data_advice(source))]
    Data {
        /// The directory.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// What the system says.
        source: std::io::Error,
    },
    /// The secret in the data directory is too short to be one.
    #[error("{}: the secret has {bytes} bytes, at least 32 are needed; remove the file to have a \
             new one made", path.display())]
    Secret {
        /// The file.
        path: PathBuf,
        /// How many bytes it has.
        bytes: usize,
    },
    /// The system gives no random bytes.
    #[error("the system has no randomness for the secret")]
    Randomness,
    /// The database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database cannot be asked.
    #[error(transparent)]
    Store(#[from] ProviderError),
    /// The catalogue file cannot be imported.
    #[error(transparent)]
    Import(#[from] import_file::Error),
    /// The framework was compiled without the browser runtime.
    #[error(
        "the browser runtime is missing from this build of the framework: build it in client/ and \
         compile again"
    )]
    NoRuntime,
    /// There is no data for the locale or the currency.
    #[error(transparent)]
    Locale(#[from] LocaleError),
    /// A static file or a design token cannot be used.
    #[error(transparent)]
    Assets(#[from] AssetError),
    /// The cache that the shop's nodes share cannot be set up.
    #[error("PROTIUM_REDIS_URL: {0}")]
    Cache(#[from] SharedError),
    /// The address of the origin that an edge node is to stand in front of cannot be used.
    #[error("--origin {given}: {problem}; it looks like https://origin.shop.example")]
    Origin {
        /// What was given.
        given: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The name of an edge node's region is none.
    #[error(
        "--region {given}: a region is at most 64 lower-case letters, digits and dashes, for \
         example eu-1"
    )]
    Region {
        /// What was given.
        given: String,
    },
    /// An edge node has nothing to show its origin.
    #[error(
        "PROTIUM_OPERATOR_TOKEN is not set: an edge node shows it to its origin, which must have \
         the same"
    )]
    NoOperatorToken,
    /// The components' module cannot be built or loaded.
    #[error("the components cannot be used: {0}")]
    Components(#[from] GuestError),
    /// An edge module cannot be built or loaded.
    #[error("the edge modules cannot be used: {0}")]
    Edge(#[from] EdgeError),
    /// The Go kit cannot be laid out for the components.
    #[error(transparent)]
    Kit(#[from] KitError),
    /// A template cannot be used.
    #[error("the templates cannot be used:\n{0}")]
    Pages(#[from] PageError),
    /// A route of the shop's program cannot be one.
    #[error("{0}")]
    Route(String),
    /// A provider of the shop's own cannot be connected.
    #[error("the shop's provider cannot be used")]
    Provider(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What the shop's program does at start, or as a command, failed.
    #[error("{}", .0.cause.as_deref().unwrap_or(&.0.message))]
    Program(Box<HttpError>),
    /// The markets cannot be used.
    #[error("protium.toml: {0}")]
    Markets(#[source] Box<MarketError>),
    /// There is nothing to prewarm, or nothing to do it with.
    #[error("nothing is prewarmed: {0}")]
    Prewarm(#[from] NoPrewarm),
    /// A running shop did not do what was asked.
    #[error(transparent)]
    Release(#[from] ReleaseFailure),
    /// The system gives no threads.
    #[error("the runtime could not be started")]
    Runtime(#[source] std::io::Error),
}

impl From<MarketError> for StartError {
    fn from(error: MarketError) -> StartError {
        StartError::Markets(Box::new(error))
    }
}

fn data_advice(error: &std::io::Error) -> &'static str {
    match private_files::is_full(error) {
        true => {
            "the disk is full: make room, or choose another directory with --data or PROTIUM_DATA"
        }
        false => {
            "choose another with --data or PROTIUM_DATA, or give this user the right to write there"
        }
    }
}

fn listen_advice(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            "the port is taken; stop what listens there, or choose another with --listen or \
             PROTIUM_LISTEN"
                .to_owned()
        }
        std::io::ErrorKind::PermissionDenied => {
            "this user may not; ports from 1024 on are open to everybody (--listen or \
             PROTIUM_LISTEN)"
                .to_owned()
        }
        _ => format!("{error}; choose another address with --listen or PROTIUM_LISTEN"),
    }
}

/// Serves the shop in `root`, with what its program adds, until the process is told to stop.
pub(crate) async fn serve_with(
    root: &Path,
    config: Config,
    additions: Arc<Additions>,
) -> Result<(), StartError> {
    let address = config.listen;
    let listening = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listening)?;
    let address = listener.local_addr().map_err(listening)?;
    let shop = Shop::open_with(root, config, additions).await?;
    for start in &shop.0.additions.on_start {
        start(shop.clone())
            .await
            .map_err(|error| StartError::Program(Box::new(error)))?;
    }
    let assets = std::sync::Arc::clone(&shop.release().assets);
    std::thread::spawn(move || assets.compress());
    println!("{} is open at http://{address}", shop.config().shop.name);
    let _ = std::io::stdout().flush();
    let warming = tokio::spawn(shop.clone().keep_warm());
    let reloading = tokio::spawn(deploy_when_told(shop.clone()));
    let stop = async {
        told_to_stop().await;
        tracing::info!("stopping: requests under way are finished");
    };
    let capacity = Capacity::of_this_process(1, shop.0.trusted_proxies.clone());
    crate::http::serve::serve(listener, shop.router(), capacity, stop).await;
    warming.abort();
    reloading.abort();
    Ok(())
}

/// Takes over what the shop's directory has now, each time that the process gets SIGHUP.
async fn deploy_when_told(shop: Shop) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut hangup = match signal(SignalKind::hangup()) {
            Ok(hangup) => hangup,
            Err(error) => {
                tracing::warn!(%error, "SIGHUP is not heard");
                return;
            }
        };
        while hangup.recv().await.is_some() {
            tracing::info!("SIGHUP: a release is built");
            // What came of it is in the log.
            let _ = shop.deploy(None).await;
        }
    }
    #[cfg(not(unix))]
    drop(shop);
}

/// Resolves on Ctrl-C and, where there is one, on SIGTERM.
pub(crate) async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = tokio::signal::ctrl_c() => {}
                }
            }
            Err(_) => {
                let _ = tokio::signal::ctrl_c().await;
            }
        }
    }
    #[cfg(not(unix))]
    let _ = tokio::signal::ctrl_c().await;
}

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
/// what the shop has is taken from other users: it may have been copied, or be of an earlier
/// release.
pub(crate) fn prepare_data(path: &Path) -> Result<(), StartError> {
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
