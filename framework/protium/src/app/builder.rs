//! The builder of a shop's program.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, Route, get};
use serde::Serialize;
use tera::{ArgFromValue, Filter, Function, FunctionResult};
use tower::{Layer, Service};

use crate::app::Shop;
use crate::app::additions::{Additions, Command, Connect, PageRoute, Setup};
use crate::app::page_handler::{self, PageHandler};
use crate::app::start_error::StartError;
use crate::config::{Config, Flags};
use crate::http::error::HttpError;
use crate::request::context::PageContext;
use crate::request::ctx::Ctx;
use protium_commerce::pricing::CartRules;
use protium_commerce::{Carts, Catalogue};

/// Changes the configuration.
type Configure = Box<dyn Fn(&mut Config) + Send + Sync>;

/// A shop in a directory, and what its program adds to it.
///
/// The whole program of a shop that adds nothing:
///
/// ```no_run
/// use protium::prelude::*;
///
/// fn main() -> ExitCode {
///     App::new(env!("CARGO_MANIFEST_DIR")).run()
/// }
/// ```
///
/// Routes of a shop stand inside everything that the framework's own have around them: bounds, the
/// check of a form's origin, error pages, security headers, `Server-Timing`, compression. A request
/// passes, from the outside in: these, then the layers of [`App::layer`], then the page cache, then
/// those of [`App::page_layer`], then the handler.
#[must_use = "an App does nothing until it runs"]
pub struct App {
    root: PathBuf,
    additions: Additions<Shop>,
    configure: Vec<Configure>,
}

impl App {
    /// The shop in `root`, the directory with its `protium.toml`.
    pub fn new(root: impl Into<PathBuf>) -> App {
        App {
            root: root.into(),
            additions: Additions::default(),
            configure: Vec::new(),
        }
    }

    /// Adds a page: a handler of GET that answers with a [`Page`](crate::Page), a `Result` of one,
    /// or anything else that axum takes. A public page is made once and cached. A path
    /// that the framework has too is the shop's from then on.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// async fn hours() -> Page {
    ///     Page::new("hours.html").data("open", "9 to 5").fresh_for(minutes(10))
    /// }
    ///
    /// let app = App::new(".").page("/hours", hours);
    /// ```
    pub fn page<H, T>(mut self, path: &str, handler: H) -> App
    where
        H: PageHandler<T>,
        T: 'static,
    {
        self.additions.pages.push(PageRoute {
            path: path.to_owned(),
            handler: get(handler),
            audience: page_handler::audience::<H, T>(),
        });
        self
    }

    /// Adds a route of any methods. Its responses are not cached; a
    /// [`Page`](crate::Page) is rendered for each request. A path that the framework has
    /// too is the shop's from then on, with all its methods.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// async fn isbn(Path(isbn): Path<String>) -> String {
    ///     isbn.replace('-', "")
    /// }
    ///
    /// let app = App::new(".").route("/api/isbn/{isbn}", get(isbn));
    /// ```
    pub fn route(mut self, path: &str, handlers: MethodRouter<Shop>) -> App {
        self.additions.routes.push((path.to_owned(), handlers));
        self
    }

    /// Adds a layer of tower or axum around every request, those that the page cache answers
    /// included. The last one that is added is the first that a request meets.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// let app = App::new(".").layer(SetHeader::response("x-reading-room", "open"));
    /// ```
    pub fn layer<L>(mut self, layer: L) -> App
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<std::convert::Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        let around = move |router: Router<Shop>| router.layer(layer.clone());
        self.additions.layers.push(Box::new(around));
        self
    }

    /// Adds a layer around the handlers of pages: it runs while a page is made, and not when the
    /// page cache has it. Headers that it sets are cached with the page.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// let app = App::new(".").page_layer(SetHeader::response("x-made-by", "hand"));
    /// ```
    pub fn page_layer<L>(mut self, layer: L) -> App
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<std::convert::Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        let around = move |handlers: MethodRouter<Shop>| handlers.layer(layer.clone());
        self.additions.page_layers.push(Box::new(around));
        self
    }

    /// Adds a filter for templates. The names of the framework's own filters stay theirs.
    ///
    /// ```
    /// use protium::prelude::*;
    /// use protium::tera::{Kwargs, State};
    ///
    /// fn isbn(text: &str, _: Kwargs, _: &State) -> String {
    ///     text.replace('-', "")
    /// }
    ///
    /// let app = App::new(".").filter("isbn", isbn);
    /// ```
    pub fn filter<F, Arg, Res>(mut self, name: &'static str, filter: F) -> App
    where
        F: Filter<Arg, Res> + for<'a> Filter<<Arg as ArgFromValue<'a>>::Output, Res>,
        Arg: for<'a> ArgFromValue<'a>,
        Res: FunctionResult,
    {
        self.additions.templates.register_filter(name, filter);
        self
    }

    /// Adds a function for templates.
    ///
    /// ```
    /// use protium::prelude::*;
    /// use protium::tera::{Kwargs, State};
    ///
    /// fn dice(_: Kwargs, _: &State) -> i64 {
    ///     4
    /// }
    ///
    /// let app = App::new(".").function("dice", dice);
    /// ```
    pub fn function<F, Res>(mut self, name: &'static str, function: F) -> App
    where
        F: Function<Res>,
        Res: FunctionResult,
    {
        self.additions.templates.register_function(name, function);
        self
    }

    /// Gives handlers a value, which they extract as [`State`](crate::State). There is one of each
    /// type; wrap what is expensive to clone into an `Arc`.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// #[derive(Clone)]
    /// struct Posts(&'static [&'static str]);
    ///
    /// async fn posts(State(posts): State<Posts>) -> String {
    ///     posts.0.join(", ")
    /// }
    ///
    /// let app = App::new(".").state(Posts(&["one"])).route("/api/posts", get(posts));
    /// ```
    pub fn state<T: Clone + Send + Sync + 'static>(mut self, value: T) -> App {
        self.additions.state.insert(value);
        self
    }

    /// Adds data that every page's template has under this name, unless its handler gives the name
    /// another value. It is loaded while a page is made; what it reads is a dependency of the page.
    ///
    /// ```
    /// use protium::prelude::*;
    /// use protium::serde_json::Value;
    ///
    /// async fn menu(ctx: Ctx) -> Result<Value> {
    ///     Ok(ctx.json("data/menu.json")?)
    /// }
    ///
    /// let app = App::new(".").shared("menu", menu);
    /// ```
    pub fn shared<F, Fut, T, E>(mut self, name: impl Into<String>, load: F) -> App
    where
        F: Fn(Ctx) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        T: Serialize,
        E: Into<HttpError>,
    {
        let load = move |shop: &Shop, page_context: &PageContext| {
            let loading = load(Ctx::of(shop, page_context));
            let loaded = async move {
                let value = loading.await.map_err(Into::into)?;
                Ok(tera::Value::from_serializable(&value))
            };
            Box::pin(loaded) as _
        };
        self.additions.shared.push((name.into(), Box::new(load)));
        self
    }

    /// Takes products and collections from a provider of the shop's own in place of the catalogue
    /// in the data directory. It is connected once, before the shop opens.
    ///
    /// ```no_run
    /// use protium::commerce;
    /// use protium::prelude::*;
    ///
    /// async fn connect<C: commerce::Catalogue>(erp: C) -> std::io::Result<C> {
    ///     Ok(erp)
    /// }
    ///
    /// fn app<C: commerce::Catalogue + Clone + 'static>(erp: C) -> App {
    ///     App::new(".").catalogue(move |_: Setup| connect(erp.clone()))
    /// }
    /// ```
    pub fn catalogue<F, Fut, C, E>(mut self, connect: F) -> App
    where
        F: Fn(Setup) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<C, E>> + Send + 'static,
        C: Catalogue + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        self.additions.catalogue = Some(connector(connect, |catalogue| Arc::new(catalogue) as _));
        self
    }

    /// Keeps carts with a provider of the shop's own in place of the data directory. It is
    /// connected once, before the shop opens.
    ///
    /// ```no_run
    /// use protium::commerce;
    /// use protium::prelude::*;
    ///
    /// async fn connect<C: commerce::Carts>(carts: C) -> std::io::Result<C> {
    ///     Ok(carts)
    /// }
    ///
    /// fn app<C: commerce::Carts + Clone + 'static>(carts: C) -> App {
    ///     App::new(".").carts(move |_: Setup| connect(carts.clone()))
    /// }
    /// ```
    pub fn carts<F, Fut, C, E>(mut self, connect: F) -> App
    where
        F: Fn(Setup) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<C, E>> + Send + 'static,
        C: Carts + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        self.additions.carts = Some(connector(connect, |carts| Arc::new(carts) as _));
        self
    }

    /// What lines of a cart can be given beside a quantity, such as a gift wrap, and what that does
    /// to their prices.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// let rules = CartRules::default()
    ///     .attribute(LineAttribute::flag("gift_wrap", "Gift wrap"))
    ///     .rule(LineAdjustment::each("gift_wrap", 350)); // minor units, for each piece
    /// let app = App::new(".").cart_rules(rules);
    /// ```
    pub fn cart_rules(mut self, rules: CartRules) -> App {
        self.additions.cart_rules = rules;
        self
    }

    /// Does something once when the shop is open, before it is served, by [`App::run`] or as an
    /// [`App::router`]; it may spawn background tasks. A shop does not start when it fails.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// let app = App::new(".").on_start(async |shop: Shop| {
    ///     println!("{} opens", shop.config().shop.name);
    ///     Ok(())
    /// });
    /// ```
    pub fn on_start<F, Fut>(mut self, start: F) -> App
    where
        F: Fn(Shop) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HttpError>> + Send + 'static,
    {
        let start = move |shop: Shop| Box::pin(start(shop)) as _;
        self.additions.on_start.push(Box::new(start));
        self
    }

    /// Adds a subcommand of the shop's program, beside `serve`, `import` and the others.
    ///
    /// ```
    /// use protium::prelude::*;
    /// use protium::clap::{ArgMatches, Command};
    ///
    /// async fn count(shop: Shop, _: ArgMatches) -> Result<ExitCode> {
    ///     println!("{}", shop.config().shop.name);
    ///     Ok(ExitCode::SUCCESS)
    /// }
    ///
    /// let command = Command::new("count").about("Say what the shop is called");
    /// let app = App::new(".").command(command, count);
    /// ```
    pub fn command<F, Fut>(mut self, command: clap::Command, run: F) -> App
    where
        F: Fn(Shop, clap::ArgMatches) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<ExitCode, HttpError>> + Send + 'static,
    {
        let run = move |shop: Shop, matches: clap::ArgMatches| Box::pin(run(shop, matches)) as _;
        self.additions.commands.push(Command {
            command,
            run: Box::new(run),
        });
        self
    }

    /// Changes the configuration after file, variables and flags were read: for tests, and for what
    /// a program knows better.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// let app = App::new(".").configure(|config| config.shop.name = "Paper Boat".to_owned());
    /// ```
    pub fn configure(mut self, change: impl Fn(&mut Config) + Send + Sync + 'static) -> App {
        self.configure.push(Box::new(change));
        self
    }

    /// Opens the shop with its configuration from `protium.toml` and the environment.
    ///
    /// # Errors
    ///
    /// The shop cannot be opened; the error says what to do.
    pub async fn open(self) -> Result<Shop, StartError> {
        let mut config = Config::load_with_environment(&self.root, &Flags::default())?;
        change(&self.configure, &mut config);
        Shop::open_with(&self.root, config, Arc::new(self.additions)).await
    }

    /// The shop as an axum router, to serve it yourself, or to test it with tower's `oneshot`.
    ///
    /// ```no_run
    /// # async fn test() -> std::result::Result<(), Box<dyn std::error::Error>> {
    /// use protium::axum::body::Body;
    /// use protium::axum::http::Request;
    /// use protium::prelude::*;
    /// use tower::ServiceExt;
    ///
    /// let router = App::new(".").router().await?;
    /// let response = router.oneshot(Request::get("/").body(Body::empty())?).await?;
    /// assert_eq!(response.status(), StatusCode::OK);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The shop cannot be opened; the error says what to do.
    pub async fn router(self) -> Result<Router, StartError> {
        let shop = self.open().await?;
        shop.run_on_start().await?;
        Ok(shop.router())
    }

    /// Runs the command that this process was started with: `serve` when there is none.
    pub fn run(self) -> ExitCode {
        let App {
            root,
            additions,
            configure,
        } = self;
        crate::cli::run(root, additions, move |config| change(&configure, config))
    }

    #[cfg(test)]
    pub(crate) fn into_additions(self) -> Additions<Shop> {
        self.additions
    }

    #[cfg(test)]
    pub(crate) fn additions(&self) -> &Additions<Shop> {
        &self.additions
    }
}

fn change(configure: &[Configure], config: &mut Config) {
    for change in configure {
        change(config);
    }
}

/// How a provider is connected: by the shop's function, whose result is then shared.
fn connector<F, Fut, T, E, P>(connect: F, share: fn(T) -> Arc<P>) -> Connect<P>
where
    F: Fn(Setup) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<T, E>> + Send + 'static,
    T: 'static,
    E: Into<Box<dyn Error + Send + Sync>>,
    P: ?Sized + 'static,
{
    Box::new(move |setup| {
        let connecting = connect(setup);
        Box::pin(async move { Ok(share(connecting.await.map_err(Into::into)?)) })
    })
}
