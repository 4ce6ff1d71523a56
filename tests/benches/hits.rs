//! The product page as a hit of the page cache, beside a bare axum handler and nginx in the same
//! run.
//!
//! `cargo bench -p tests --bench hits` loads, in rounds that take turns:
//!
//! - without a session, with brotli: the shop, with all that is around its pages; a bare axum
//!   handler with the same bytes and headers; nginx with `proxy_cache`, which keeps the shop's own
//!   brotli bytes, keyed by the accepted coding;
//! - with a session and a cart, so that a badge differs: the shop, in each coding; nginx with SSI,
//!   which keeps the page and fetches the badge from a bare axum handler. nginx cannot send such a
//!   page from bytes that are compressed already: it goes out plain, or compressed for each answer
//!   by `gzip on` (level 1). Its page has one include, the shop fills two holes: the badge, and its
//!   state for the browser.
//!
//! - 10 000 visitors with a cart on 30 pages, some of which are asked for far more often than
//!   others (Zipf), beside the same requests without a session.
//!
//! Each server has two workers, wrk 16 connections and one thread, on the same machine. The
//! processor time of an answer is that of all servers which had a part in it: where others want the
//! processors too, it is the steadier figure, since a server of more processes gets more of them.
//!
//! It needs `wrk`, `curl` and `nginx`. `PROTIUM_BENCH_SECONDS` sets the length of a round (default
//! 5), `PROTIUM_BENCH_ROUNDS` their number (default 5). JSON goes to `target/bench/hits.json`.

mod report;

use std::net::SocketAddr;
use std::path::Path;

use serde_json::{Value, json};
use tests::load::bare::Route;
use tests::load::fetch::{Answer, get};
use tests::load::wrk::{CONNECTIONS, Round, load, load_script};
use tests::load::{Nginx, Server, bare, shop, visitors};

use report::Fallible;

/// Where nginx finds the page with the include, and the badge.
const PARTS: [&str; 2] = ["/page", "/badge"];
/// Visitors with a cart, and the pages that they look at.
const CARTS: usize = 10_000;
const PAGES: usize = 30;

fn main() -> Fallible<()> {
    // Cargo asks every bench target for its tests.
    if report::is_for_tests() || bare::is_asked_for()? {
        return Ok(());
    }
    let seconds = report::number("PROTIUM_BENCH_SECONDS", 5)?;
    let rounds = report::number("PROTIUM_BENCH_ROUNDS", 5)?;
    let directory = tempfile::tempdir()?;
    let here = directory.path();

    let program = shop::build()?;
    let shop = shop::start(&program, &here.join("shop"), &[])?;
    let products = shop::products(&shop)?;
    let page = products.first().ok_or("no product")?.as_str();
    let cookie = shop::cookie_with_a_cart(&shop, page)?;
    let (cookie, brotli) = (("cookie", cookie.as_str()), ("accept-encoding", "br"));
    let gzip = ("accept-encoding", "gzip");

    let plain = get(&shop.url(page), &[])?;
    let mine = get(&shop.url(page), &[cookie])?;
    let hit = hit(&shop.url(page), brotli)?;
    let bare_axum = bare::start(&[Route::like(page, &hit)], here)?;
    let keeping = Nginx::start(here, page, |address| keeping_pages(address, shop.address()))?;
    let badge = Badge::of(&plain.text(), &mine.text())?;
    let parts = bare::start(&badge.routes(&plain), here)?;
    let including = Nginx::start(here, page, |address| {
        including_badge(address, parts.address(), page, false)
    })?;
    let compressing = Nginx::start(here, page, |address| {
        including_badge(address, parts.address(), page, true)
    })?;

    let pages = pages(&shop, &products)?;
    let carts = visitors::carts(&shop, page, CARTS, here)?;
    let nobodys = visitors::script(&pages, &[], "br", here.join("nobody.lua"))?;
    let everybodys = visitors::script(&pages, &carts, "br", here.join("carts.lua"))?;

    let mut contenders = [
        Contender::new("bare axum, the same bytes", &[&bare_axum], &[brotli]),
        Contender::new("nginx proxy_cache", &[&keeping, &shop], &[brotli]),
        Contender::new("shop", &[&shop], &[brotli]),
        Contender::new("nginx SSI, plain", &[&including, &parts], &[cookie]),
        Contender::new("nginx SSI, gzip", &[&compressing, &parts], &[cookie, gzip]),
        Contender::new("shop, plain", &[&shop], &[cookie]),
        Contender::new("shop, gzip", &[&shop], &[cookie, gzip]),
        Contender::new("shop, brotli", &[&shop], &[cookie, brotli]),
        Contender::by_script("shop, no session", &shop, &nobodys),
        Contender::by_script("shop, 10 000 carts", &shop, &everybodys),
    ];
    for contender in &mut contenders {
        contender.answer(page)?;
        contender.load(page, 2)?;
    }
    if get(&keeping.url(page), &[brotli])?.header("content-encoding") != Some("br") {
        return Err("nginx does not keep the shop's brotli".into());
    }
    if !get(&including.url(page), &[cookie])?
        .text()
        .contains(&badge.mine)
    {
        return Err("nginx does not include the badge".into());
    }
    for contender in &mut contenders {
        contender.rounds.clear();
    }
    for _ in 0..rounds {
        for contender in &mut contenders {
            contender.load(page, seconds)?;
        }
    }

    println!("product page {page}, {CONNECTIONS} connections, {rounds} rounds of {seconds} s");
    let (one_page, many) = contenders.split_at(8);
    let (without, with) = one_page.split_at(3);
    let mut report = Vec::new();
    for (session, contenders) in [
        ("without a session", without),
        ("with a cart", with),
        ("30 pages", many),
    ] {
        println!(
            "\n{session:<34} {} {:>7} {:>8} {:>8}",
            Round::HEAD,
            "bytes",
            "÷ first",
            "CPU ÷"
        );
        let first = contenders.first().ok_or("nobody to compare with")?;
        let first = Round::median(&first.rounds);
        for contender in contenders {
            report.push(contender.show(session, &first));
        }
    }
    report::write(
        "hits",
        &json!({"page": page, "connections": CONNECTIONS, "contenders": report}),
    )
}

/// The pages that visitors look at: the front page, a list, and products.
fn pages(shop: &Server, products: &[String]) -> Fallible<Vec<String>> {
    let lists = ["/", "/collections/all"].map(str::to_owned);
    let pages: Vec<String> = lists.into_iter().chain(products.iter().cloned()).collect();
    let pages: Vec<String> = pages.into_iter().take(PAGES).collect();
    for page in &pages {
        get(&shop.url(page), &[])?;
    }
    Ok(pages)
}

/// What answers the page.
struct Contender<'a> {
    name: &'static str,
    /// The first is asked.
    servers: Vec<&'a Server>,
    headers: Vec<(&'a str, &'a str)>,
    /// What is asked for instead of the one page.
    script: Option<&'a Path>,
    /// Of its body.
    bytes: usize,
    rounds: Vec<Round>,
}

impl<'a> Contender<'a> {
    fn new(
        name: &'static str,
        servers: &[&'a Server],
        headers: &[(&'a str, &'a str)],
    ) -> Contender<'a> {
        Contender {
            name,
            servers: servers.to_vec(),
            headers: headers.to_vec(),
            script: None,
            bytes: 0,
            rounds: Vec::new(),
        }
    }

    fn by_script(name: &'static str, server: &'a Server, script: &'a Path) -> Contender<'a> {
        Contender {
            script: Some(script),
            ..Contender::new(name, &[server], &[("accept-encoding", "br")])
        }
    }

    /// One answer, whose size is noted.
    fn answer(&mut self, page: &str) -> Fallible<()> {
        let server = self.servers.first().ok_or("nobody to ask")?;
        self.bytes = get(&server.url(page), &self.headers)?.body.len();
        Ok(())
    }

    fn load(&mut self, page: &str, seconds: u64) -> Fallible<()> {
        let round = match (self.script, self.servers.first()) {
            (Some(script), Some(server)) => load_script(server, script, seconds)?,
            _ => load(&self.servers, page, &self.headers, seconds)?,
        };
        self.rounds.push(round);
        Ok(())
    }

    /// Prints its line and is what goes into the report.
    fn show(&self, session: &str, first: &Round) -> Value {
        let round = Round::median(&self.rounds);
        let (rate, cpu) = (round.rate / first.rate, round.cpu / first.cpu);
        println!(
            "{:<34} {round} {:>7} {rate:>8.2} {cpu:>8.2}",
            self.name, self.bytes
        );
        json!({
            "session": session, "name": self.name, "bytes": self.bytes, "rate_to_first": rate,
            "cpu_to_first": cpu,
            "median": round.json(),
            "rounds": self.rounds.iter().map(Round::json).collect::<Vec<_>>(),
        })
    }
}

/// The badge of a page, and the page around it.
struct Badge {
    before: String,
    mine: String,
    after: String,
}

impl Badge {
    /// The element that the page of a visitor with a cart has instead of the one in everybody's
    /// page.
    fn of(common: &str, mine: &str) -> Fallible<Badge> {
        let start = "<a data-go-id=\"cart-badge-1\"";
        let split = |page: &str| -> Option<[String; 3]> {
            let (before, rest) = page.split_once(start)?;
            let (badge, after) = rest.split_once("</a>")?;
            Some([before.into(), format!("{start}{badge}</a>"), after.into()])
        };
        let none = "the page has no badge";
        let [before, empty, after] = split(common).ok_or(none)?;
        let [_, mine, _] = split(mine).ok_or(none)?;
        match mine == empty {
            true => Err("the cart does not show in the badge".into()),
            false => Ok(Badge {
                before,
                mine,
                after,
            }),
        }
    }

    /// The page with an include, with the headers of the shop's page, and the badge.
    fn routes(&self, page: &Answer) -> [Route; 2] {
        let [page_path, badge_path] = PARTS;
        let include = format!("<!--# include virtual=\"{badge_path}\" -->");
        let text = [&*self.before, &include, &self.after].concat();
        let html = [(
            "content-type".to_owned(),
            "text/html; charset=utf-8".to_owned(),
        )];
        [
            Route {
                body: text.into(),
                ..Route::like(page_path, page)
            },
            Route {
                path: badge_path.to_owned(),
                headers: html.into(),
                body: self.mine.clone().into(),
            },
        ]
    }
}

/// nginx in front of the shop.
fn keeping_pages(listen: SocketAddr, shop: SocketAddr) -> String {
    format!(
        "  map $http_accept_encoding $coding {{ default identity; ~br br; ~gzip gzip; }}
  upstream shop {{ server {shop}; keepalive 16; }}
  server {{
    listen {listen};
    location / {{
      proxy_pass http://shop;
      proxy_set_header Connection \"\";
      proxy_set_header Accept-Encoding $coding;
      proxy_cache pages;
      proxy_cache_key \"$request_uri $coding\";
      proxy_cache_valid 200 1h;
      proxy_ignore_headers Cache-Control Vary;
    }}
  }}"
    )
}

/// nginx that keeps the page and includes the badge.
fn including_badge(listen: SocketAddr, parts: SocketAddr, page: &str, compress: bool) -> String {
    let gzip = if compress { "on" } else { "off" };
    let [page_path, badge_path] = PARTS;
    format!(
        "  upstream parts {{ server {parts}; keepalive 16; }}
  server {{
    listen {listen};
    location = {page} {{
      ssi on;
      gzip {gzip};
      gzip_comp_level 1;
      proxy_pass http://parts{page_path};
      proxy_set_header Connection \"\";
      proxy_set_header Accept-Encoding identity;
      proxy_cache pages;
      proxy_cache_valid 200 1h;
      proxy_ignore_headers Cache-Control Vary;
    }}
    location = {badge_path} {{
      proxy_pass http://parts;
    }}
  }}"
    )
}

/// The page as the cache answers with it: what is done ahead at start may still replace it.
fn hit(url: &str, coding: (&str, &str)) -> Fallible<Answer> {
    for _ in 0..100 {
        let answer = get(url, &[coding])?;
        let status = answer.header("cache-status").unwrap_or_default();
        if status.contains("; hit;") {
            return Ok(answer);
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    Err(format!("{url} is no hit of the cache").into())
}
