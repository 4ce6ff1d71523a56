//! The page cache, through the shop's router: two shops over one catalogue, of which one keeps
//! pages.

use std::io::Read;
use std::sync::{Arc, Mutex, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::http::header::{ACCEPT_ENCODING, COOKIE, IF_NONE_MATCH, SET_COOKIE};
use axum::http::{Method, Request, StatusCode};
use protium::Shop;
use protium::config::Config;
use tempfile::TempDir;
use tower::ServiceExt;

use super::premises::{STATUS, get, open, send};

struct Shops {
    runtime: tokio::runtime::Runtime,
    keeping: Router,
    making: Router,
    config: Config,
    _data: TempDir,
}

fn shops() -> &'static Shops {
    static SHOPS: OnceLock<Shops> = OnceLock::new();
    SHOPS.get_or_init(Shops::open)
}

impl Shops {
    fn open() -> Self {
        let data = TempDir::new().expect("a directory");
        let root = tests::workspace::path("example-store");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let open = |cache: &str| {
            let vars = [("PROTIUM_CACHE", cache)];
            let (shop, config) = runtime.block_on(open(&root, data.path(), &vars));
            (shop.router(), config)
        };
        let ((keeping, config), (making, _)) = (open("on"), open("off"));
        Self {
            runtime,
            keeping,
            making,
            config,
            _data: data,
        }
    }
}

/// The handles of products, each for one test, so that none meets a page of another.
fn product() -> String {
    static HANDLES: Mutex<Option<Vec<String>>> = Mutex::new(None);
    let mut handles = HANDLES.lock().expect("no test failed here");
    let handles = handles.get_or_insert_with(|| {
        let shops = shops();
        let all = shops
            .runtime
            .block_on(get(&shops.making, "/collections/all", &[]));
        let mut found: Vec<String> = all
            .text()
            .split("href=\"/products/")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .map(|handle| format!("/products/{handle}"))
            .collect();
        found.sort();
        found.dedup();
        found
    });
    handles.pop().expect("enough products")
}

/// The cookie of somebody with something in the cart.
async fn with_a_cart(shops: &Shops) -> String {
    let page = get(&shops.making, "/collections/all", &[]).await.text();
    let variant = page
        .split("name=\"variant_id\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("something to buy")
        .to_owned();
    let request = Request::post("/cart/add")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(format!("variant_id={variant}&quantity=1")))
        .expect("a request");
    let response = shops
        .making
        .clone()
        .oneshot(request)
        .await
        .expect("an answer");
    let cookie = response
        .headers()
        .get(SET_COOKIE)
        .expect("a cart has a cookie");
    let cookie = cookie.to_str().expect("ascii");
    cookie.split(';').next().expect("a value").to_owned()
}

#[test]
fn the_second_visitor_gets_what_the_first_one_caused() {
    let (shops, path) = (shops(), product());
    shops.runtime.block_on(async {
        let first = send(&shops.keeping, Method::HEAD, &path, &[]).await;
        assert_eq!(first.header(STATUS), "Protium; fwd=uri-miss; stored");
        let second = get(&shops.keeping, &path, &[("cookie", "other=1")]).await;
        assert!(second.header(STATUS).starts_with("Protium; hit; ttl="));
        assert!(!second.header("age").is_empty());
        assert_eq!(second.header("cache-control"), "public, no-cache");
        assert!(!second.header("content-security-policy").is_empty());
        let tracked = format!("{path}?utm_source=mail&fbclid=1");
        let third = get(&shops.keeping, &tracked, &[]).await;
        assert!(third.header(STATUS).starts_with("Protium; hit"));
        assert_eq!(third.body, second.body);
    });
}

#[test]
fn a_kept_page_is_the_page_that_would_be_made() {
    let shops = shops();
    shops.runtime.block_on(async {
        let cart = with_a_cart(shops).await;
        for path in ["/", "/collections/all", "/collections/all?sort=price-asc"] {
            for cookie in ["other=1", &cart] {
                let headers = [(COOKIE.as_str(), cookie)];
                let made = get(&shops.making, path, &headers).await;
                let first = get(&shops.keeping, path, &headers).await;
                let kept = get(&shops.keeping, path, &headers).await;
                assert!(
                    kept.header(STATUS).contains("hit"),
                    "{}",
                    kept.header(STATUS)
                );
                assert_eq!(made.header(STATUS), "Protium; fwd=bypass; detail=off");
                assert!(first.text() == made.text(), "{path} with {cookie}");
                assert!(kept.text() == made.text(), "{path} with {cookie}");
                assert_eq!(kept.header("cache-control"), made.header("cache-control"));
            }
        }
    });
}

#[test]
fn visitors_with_as_many_items_have_one_page_whatever_the_version_of_their_carts() {
    let (shops, path) = (shops(), product());
    shops.runtime.block_on(async {
        let mut pages = Vec::new();
        for _ in 0..2 {
            let cart = with_a_cart(shops).await;
            let headers = [(COOKIE.as_str(), cart.as_str())];
            let made = get(&shops.making, &path, &headers).await.text();
            for _ in 0..2 {
                let kept = get(&shops.keeping, &path, &headers).await;
                assert!(kept.text() == made);
            }
            pages.push(made);
            // The version of a new cart is the time in milliseconds.
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        assert!(pages[0] == pages[1]);
    });
}

#[test]
fn nothing_of_a_visitor_is_shown_to_another() {
    let (shops, path) = (shops(), product());
    shops.runtime.block_on(async {
        let cart = with_a_cart(shops).await;
        let secret = "Zq9-evil";
        let target = format!("{path}?utm_content={secret}");
        let theirs = [
            (COOKIE.as_str(), cart.as_str()),
            ("host", "Zq9-evil.example"),
            ("x-forwarded-host", "Zq9-evil.example"),
            ("x-original-url", "/Zq9-evil"),
            ("accept-language", secret),
            ("user-agent", secret),
            ("referer", "https://Zq9-evil.example/"),
        ];
        let first = get(&shops.keeping, &target, &theirs).await;
        assert_eq!(first.header("cache-control"), "private, no-cache");
        let varies = first.headers.get_all("vary").iter();
        assert!(varies.into_iter().any(|name| name == "cookie"));
        let other = get(&shops.keeping, &path, &[]).await;
        assert!(other.header(STATUS).contains("hit"));
        assert_eq!(other.header(SET_COOKIE.as_str()), "");
        assert!(!other.text().contains(secret));
        let made = get(&shops.making, &path, &[]).await;
        assert!(other.text() == made.text());
        assert!(first.text() != other.text(), "the badge of the cart");
    });
}

#[test]
fn a_kept_page_is_not_sent_to_who_has_it_and_says_the_same_in_every_coding() {
    let (shops, path) = (shops(), product());
    shops.runtime.block_on(async {
        let plain = get(&shops.keeping, &path, &[]).await;
        let tag = plain.header("etag").to_owned();
        let again = get(&shops.keeping, &path, &[(IF_NONE_MATCH.as_str(), &tag)]).await;
        assert_eq!(
            (again.status, again.body.len()),
            (StatusCode::NOT_MODIFIED, 0)
        );
        assert_eq!(again.header("content-security-policy"), "");
        assert!(again.header(STATUS).contains("hit"));
        let cart = with_a_cart(shops).await;
        for cookie in ["other=1", &cart] {
            let plain = get(&shops.keeping, &path, &[(COOKIE.as_str(), cookie)]).await;
            for (coding, named) in [("br", "br"), ("gzip", "gzip"), ("identity", "")] {
                let headers = [
                    (ACCEPT_ENCODING.as_str(), coding),
                    (COOKIE.as_str(), cookie),
                ];
                let coded = get(&shops.keeping, &path, &headers).await;
                assert_eq!(coded.header("content-encoding"), named);
                assert!(coded.header("vary").starts_with("accept-encoding"));
                assert_eq!(coded.header("etag"), plain.header("etag"));
                assert!(decoded(named, &coded.body) == plain.body, "{coding}");
                assert!(named.is_empty() || coded.body.len() < plain.body.len() / 2);
            }
        }
    });
}

fn decoded(coding: &str, body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    match coding {
        "br" => brotli::Decompressor::new(body, 4096).read_to_end(&mut plain),
        "gzip" => flate2::read::GzDecoder::new(body).read_to_end(&mut plain),
        _ => (&*body).read_to_end(&mut plain),
    }
    .expect("sound");
    plain
}

#[test]
fn what_is_not_a_public_page_goes_past() {
    let shops = shops();
    shops.runtime.block_on(async {
        for _ in 0..2 {
            let missing = get(&shops.keeping, "/products/no-such-thing", &[]).await;
            assert_eq!(missing.status, StatusCode::NOT_FOUND);
            assert!(!missing.header(STATUS).contains("hit"));
            assert!(missing.text().contains("</html>"));
            let cart = get(&shops.keeping, "/cart", &[]).await;
            assert!(!cart.header(STATUS).contains("hit"));
            for odd in [
                "//collections/all",
                "/collections/./all",
                "/collections/%2e%2e/cart",
            ] {
                let answer = get(&shops.keeping, odd, &[]).await;
                assert!(!answer.header(STATUS).contains("hit"), "{odd}");
            }
            let odd = get(&shops.keeping, "/collections/a%2fb", &[]).await;
            assert_eq!(odd.status, StatusCode::NOT_FOUND);
        }
    });
}

#[test]
fn many_who_ask_at_once_cause_one_render() {
    let (shops, path) = (shops(), product());
    let path: Arc<str> = path.into();
    shops.runtime.block_on(async {
        let requests: Vec<_> = (0..500)
            .map(|_| {
                let path = Arc::clone(&path);
                tokio::spawn(async move { get(&shops.keeping, &path, &[]).await })
            })
            .collect();
        let mut stored = 0;
        for request in requests {
            let answer = request.await.expect("no panic");
            assert_eq!(answer.status, StatusCode::OK);
            stored += usize::from(answer.header(STATUS).ends_with("stored"));
        }
        assert_eq!(stored, 1);
    });
}

#[test]
fn an_import_is_on_the_page_a_moment_later() {
    // A catalogue of its own: the other tests compare pages.
    let (shops, path) = (Shops::open(), product());
    let handle = path.trim_start_matches("/products/").to_owned();
    shops.runtime.block_on(async {
        get(&shops.keeping, &path, &[]).await;
        let file = shops.config.data.join("change.csv");
        let csv = format!("Handle,Title\n{handle},Changed by the import\n");
        std::fs::write(&file, csv).expect("a file");
        let report = Shop::import(&shops.config, &file).await;
        assert_eq!(report.expect("an import").updated, 1);
        super::node::eventually(async || {
            let page = get(&shops.keeping, &path, &[]).await;
            page.text().contains("Changed by the import")
        })
        .await;
    });
}
