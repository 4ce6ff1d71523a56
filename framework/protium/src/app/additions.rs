//! What the program of a shop adds to the framework.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use axum::routing::MethodRouter;
use http::Extensions;
use tera::Tera;

use crate::config::Config;
use crate::http::error::HttpError;
use crate::http::freshness::Audience;
use crate::request::context::PageContext;
use protium_commerce::pricing::CartRules;
use protium_commerce::{Carts, Catalogue};

/// What anything may fail with.
pub(crate) type AnyError = Box<dyn Error + Send + Sync>;
type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Everything that a shop's program adds. `S` is the state of its handlers: the open shop.
pub(crate) struct Additions<S> {
    /// Pages that may be cached, or are for one visitor or request.
    pub(crate) pages: Vec<PageRoute<S>>,
    /// Routes that are no pages, though any may answer with one.
    pub(crate) routes: Vec<(String, MethodRouter<S>)>,
    /// Around every request, in the order they were added: the last one is the outermost.
    pub(crate) layers: Vec<RouterLayer<S>>,
    /// Around the handlers of pages.
    pub(crate) page_layers: Vec<PageLayer<S>>,
    /// Filters, functions and tests of templates.
    pub(crate) templates: Tera,
    /// Values that handlers extract.
    pub(crate) state: Extensions,
    /// Data of every page, by its name.
    pub(crate) shared: Vec<(String, Shared<S>)>,
    pub(crate) catalogue: Option<Connect<dyn Catalogue>>,
    pub(crate) carts: Option<Connect<dyn Carts>>,
    /// Attributes of cart lines, and rules of prices.
    pub(crate) cart_rules: CartRules,
    pub(crate) on_start: Vec<OnStart<S>>,
    pub(crate) commands: Vec<Command<S>>,
}

impl<S> Default for Additions<S> {
    fn default() -> Additions<S> {
        Additions {
            pages: Vec::new(),
            routes: Vec::new(),
            layers: Vec::new(),
            page_layers: Vec::new(),
            templates: Tera::default(),
            state: Extensions::new(),
            shared: Vec::new(),
            catalogue: None,
            carts: None,
            cart_rules: CartRules::default(),
            on_start: Vec::new(),
            commands: Vec::new(),
        }
    }
}

/// A route of pages.
pub(crate) struct PageRoute<S> {
    pub path: String,
    pub handler: MethodRouter<S>,
    pub audience: Audience,
}

pub(crate) type RouterLayer<S> = Box<dyn Fn(Router<S>) -> Router<S> + Send + Sync>;
pub(crate) type PageLayer<S> = Box<dyn Fn(MethodRouter<S>) -> MethodRouter<S> + Send + Sync>;
pub(crate) type Shared<S> =
    Box<dyn Fn(&S, &PageContext) -> BoxFuture<Result<tera::Value, HttpError>> + Send + Sync>;
pub(crate) type Connect<P> =
    Box<dyn Fn(Setup) -> BoxFuture<Result<Arc<P>, AnyError>> + Send + Sync>;
pub(crate) type OnStart<S> = Box<dyn Fn(S) -> BoxFuture<Result<(), HttpError>> + Send + Sync>;

type RunCommand<S> =
    Box<dyn Fn(S, clap::ArgMatches) -> BoxFuture<Result<ExitCode, HttpError>> + Send + Sync>;

/// A subcommand of the shop's program.
pub(crate) struct Command<S> {
    pub command: clap::Command,
    pub run: RunCommand<S>,
}

/// What a provider of the shop's own is connected with.
///
/// ```
/// use std::sync::Arc;
///
/// use protium::commerce::Catalogue;
/// use protium::prelude::*;
///
/// struct Erp {
///     url: String,
///     rest: Arc<dyn Catalogue>,
/// }
///
/// async fn connect(setup: Setup) -> std::io::Result<Erp> {
///     let url = std::fs::read_to_string(setup.root.join("erp.txt"))?;
///     Ok(Erp { url, rest: setup.catalogue })
/// }
/// ```
#[derive(Clone)]
pub struct Setup {
    /// The shop's directory.
    pub root: PathBuf,
    /// The configuration.
    pub config: Arc<Config>,
    /// The catalogue in the data directory: a provider may pass on to it what it does not
    /// do itself.
    pub catalogue: Arc<dyn Catalogue>,
    /// The carts in the data directory, likewise.
    pub carts: Arc<dyn Carts>,
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}
