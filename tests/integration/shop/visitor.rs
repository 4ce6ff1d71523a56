//! A visitor of the example shop, with a cookie jar like a browser's. Tests read as what the
//! visitor does and sees.

use std::future::Future;
use std::sync::OnceLock;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::{ACCEPT, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Request, StatusCode};
use protium::Shop;
use protium::config::{Config, Flags};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;

/// A shop that is open: its router, and its data for as long as this lives.
pub struct Premises {
    router: Router,
    data: TempDir,
}

impl Premises {
    /// Opens the example store's templates, files and components over this data directory.
    pub async fn open(data: TempDir) -> Premises {
        Premises::open_with(data, |_| {}).await
    }

    /// The same, with a configuration that is changed before.
    pub async fn open_with(data: TempDir, change: impl FnOnce(&mut Config)) -> Premises {
        let root = tests::workspace::path("example-store");
        let flags = Flags {
            data: Some(data.path().to_owned()),
            ..Flags::default()
        };
        let mut config =
            Config::load(&root, [], &flags).expect("the example store's configuration is sound");
        change(&mut config);
        let shop = Shop::open(&root, config)
            .await
            .expect("the example store opens");
        Premises {
            router: shop.router(),
            data,
        }
    }

    /// Closes the shop; its data stays.
    pub fn close(self) -> TempDir {
        self.data
    }

    /// Changes the shop's database, as another program would.
    pub fn sql(&self, statement: &str) {
        let database = rusqlite::Connection::open(self.data.path().join("shop.db"));
        let database = database.expect("the shop's database");
        database
            .busy_timeout(std::time::Duration::from_secs(30))
            .expect("a timeout");
        let foreign_keys = database.pragma_update(None, "foreign_keys", true);
        foreign_keys.expect("foreign keys");
        database.execute_batch(statement).expect(statement);
    }

    /// A visitor of this shop.
    pub fn visitor(&self) -> Visitor {
        Visitor {
            router: self.router.clone(),
            cookie: None,
        }
    }
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("a runtime"))
}

/// One shop for all tests: carts are separate, the catalogue is only read.
pub fn example() -> &'static Premises {
    static EXAMPLE: OnceLock<Premises> = OnceLock::new();
    EXAMPLE.get_or_init(|| {
        let data = TempDir::new().expect("a temporary directory");
        // On a thread of its own: the first visitor asks from within the runtime.
        std::thread::scope(|scope| {
            let open = scope.spawn(|| runtime().block_on(Premises::open(data)));
            open.join().expect("the example store opens")
        })
    })
}

/// Runs a test's visitors.
pub fn visit<T>(test: impl Future<Output = T>) -> T {
    runtime().block_on(test)
}

/// Somebody with a browser of their own.
pub struct Visitor {
    router: Router,
    cookie: Option<String>,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Visitor {
    /// A visitor of the example store.
    pub fn new() -> Visitor {
        example().visitor()
    }

    /// A visitor whose browser sends this cookie, whatever it is.
    pub fn with_cookie(cookie: &str) -> Visitor {
        let mut visitor = Visitor::new();
        visitor.takes_cookie(cookie);
        visitor
    }

    /// From now on this visitor's browser sends this cookie.
    pub fn takes_cookie(&mut self, cookie: &str) {
        self.cookie = Some(cookie.to_owned());
    }

    pub fn cookie(&self) -> Option<&str> {
        self.cookie.as_deref()
    }

    pub async fn opens(&mut self, path: &str) -> Answer {
        self.sends(Request::get(path).header(ACCEPT, "text/html"), "")
            .await
    }

    pub async fn asks_for_json(&mut self, path: &str) -> Answer {
        self.sends(Request::get(path).header(ACCEPT, "application/json"), "")
            .await
    }

    /// Sends a form as a page of the shop would.
    pub async fn submits(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::post(path)
            .header(ACCEPT, "text/html")
            .header("sec-fetch-site", "same-origin");
        self.sends(
            request.header(CONTENT_TYPE, "application/x-www-form-urlencoded"),
            &encoded(fields),
        )
        .await
    }

    /// Sends a form as the runtime in the browser does.
    pub async fn calls(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::post(path)
            .header(ACCEPT, "application/json")
            .header("sec-fetch-site", "same-origin");
        self.sends(
            request.header(CONTENT_TYPE, "application/x-www-form-urlencoded"),
            &encoded(fields),
        )
        .await
    }

    pub async fn sends(&mut self, mut request: axum::http::request::Builder, body: &str) -> Answer {
        request = request.header("host", "shop.example");
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        let request = request
            .body(Body::from(body.to_owned()))
            .expect("a request");
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("a service that always answers");
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 8 << 20)
            .await
            .expect("a body of bounded size");
        if let Some(cookie) = parts
            .headers
            .get(SET_COOKIE)
            .and_then(|value| value.to_str().ok())
        {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }
}

impl Answer {
    /// Expects a status.
    #[track_caller]
    pub fn is(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// Expects a text in the body.
    #[track_caller]
    pub fn shows(self, text: &str) -> Answer {
        assert!(
            self.text().contains(text),
            "`{text}` is not in:\n{}",
            self.text()
        );
        self
    }

    /// Expects a text not to be in the body.
    #[track_caller]
    pub fn hides(self, text: &str) -> Answer {
        assert!(
            !self.text().contains(text),
            "`{text}` is in:\n{}",
            self.text()
        );
        self
    }

    /// Expects to be sent on to a path.
    #[track_caller]
    pub fn leads_to(self, path: &str) -> Answer {
        let answer = self.is(303);
        assert_eq!(answer.header(LOCATION.as_str()), path);
        answer
    }

    /// Expects a page of the shop, with its header and footer.
    #[track_caller]
    pub fn shows_a_page_of_the_shop(self) -> Answer {
        self.shows("<header class=\"site-header\">")
            .shows("</html>")
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

fn encoded(fields: &[(&str, &str)]) -> String {
    let encode =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    fields
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect::<Vec<_>>()
        .join("&")
}

/// A variant that can be bought, straight from the shop: the first product with a quick-add form.
pub async fn something_to_buy() -> (String, String) {
    let page = Visitor::new()
        .asks_for_json("/search/suggest?q=a")
        .await
        .is(200)
        .json();
    for product in page["products"].as_array().into_iter().flatten() {
        let handle = product["handle"].as_str().expect("a handle");
        let page = Visitor::new()
            .opens(&format!("/products/{handle}"))
            .await
            .is(200)
            .text();
        let id = page
            .split("name=\"variant_id\" value=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        if let Some(id) = id.filter(|_| !page.contains(">Sold out<")) {
            return (handle.to_owned(), id.to_owned());
        }
    }
    panic!("nothing can be bought: {page}");
}
