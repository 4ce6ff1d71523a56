//! Why a shop does not start, and what to do about it.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::app::import_file;
use crate::config::ConfigError;
use crate::http::assets::AssetError;
use crate::http::error::HttpError;
use crate::kit::KitError;
use protium_cache::SharedError;
use protium_commerce::ProviderError;
use protium_commerce::sqlite::OpenError;
use protium_page::PageError;
use protium_types::MarketError;
use protium_types::locale::LocaleError;
use protium_types::private_files;
use protium_wasm::GuestError;
use protium_wasm::functions::EdgeError;

/// Why a shop does not start.
///
/// ```
/// use protium::prelude::*;
/// use protium::StartError;
///
/// async fn open() -> Option<Shop> {
///     match App::new("shops/books").open().await {
///         Ok(shop) => Some(shop),
///         Err(StartError::Config(error)) => {
///             eprintln!("protium.toml: {error}");
///             None
///         }
///         Err(error) => {
///             eprintln!("{error}");
///             None
///         }
///     }
/// }
/// ```
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
    /// A price list of the configuration is not as the database has it.
    #[error(
        "protium.toml: the price list `{name}` cannot have prices in {currency}: {source}; choose \
         another name, or its currency"
    )]
    PriceList {
        /// The list.
        name: String,
        /// The currency that it is to have.
        currency: &'static str,
        /// What the database says.
        source: ProviderError,
    },
    /// A market shows prices in a currency that they are not in.
    #[error(
        "protium.toml: the market `{market}` is in {currency}, but the prices of the shop are in \
         {own}: give it a price list in {currency} ([price_lists.NAME], and price_list = \"NAME\")"
    )]
    MarketCurrency {
        /// The market.
        market: String,
        /// Its currency.
        currency: String,
        /// The currency of the shop's own prices.
        own: String,
    },
    /// The markets cannot be used.
    #[error("protium.toml: {0}")]
    Markets(#[source] Box<MarketError>),
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
