//! The shop's pages as a visitor gets them: each is asked for, looked at by the rules, and its
//! links and files are followed within the shop.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use http::StatusCode;
use http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, LOCATION};
use http_body_util::BodyExt;
use reqwest::Url;
use scraper::{ElementRef, Html};
use tower::ServiceExt;

use super::finding::Finding;
use super::selectors::{attribute, select, shown};
use super::sources::Sources;
use super::{accessibility, policy};
use crate::app::Shop;
use crate::http::assets;
use crate::prewarm::prewarm_request::PrewarmRequest;

/// The host of markets that have none.
const NO_HOST: &str = "shop.invalid";
/// Pages that every shop has, the one for what is not there included.
const FIRST: [&str; 4] = ["/", "/cart", "/search?q=a", "/no-such-page"];
/// Elements that load files, with the attributes that name them.
const LOADING: [(&str, &str); 4] = [
    (
        "img[src], source[src], video[src], audio[src], script[src], iframe[src]",
        "src",
    ),
    ("img[srcset], source[srcset]", "srcset"),
    ("video[poster]", "poster"),
    ("link[href]:not([rel=canonical])", "href"),
];

/// What was asked for, and what is wrong with it.
#[derive(Default)]
pub struct Looked {
    /// Pages that were looked at.
    pub pages: usize,
    /// Addresses of others, which were not asked for.
    pub left_out: usize,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// Looks at the pages that are reached from the first one of each market, at most so many.
pub async fn look(shop: &Shop, root: &Path, most: usize) -> Looked {
    let mut walk = Walk {
        router: shop.router(),
        sources: Sources::read(root),
        hosts: HashSet::new(),
        waiting: VecDeque::new(),
        statuses: HashMap::new(),
        references: Vec::new(),
        looked: Looked::default(),
    };
    walk.begin(shop);
    while let Some(address) = walk.waiting.pop_front() {
        if walk.looked.pages < most || assets::is_file(address.path()) {
            walk.visit(&address).await;
        } else {
            walk.looked.left_out += 1;
        }
    }
    walk.end()
}

/// Something on a page that leads to an address of the shop, and what is wrong if nothing is there.
type Reference = (Url, Finding);

struct Walk {
    router: Router,
    sources: Sources,
    /// The hosts of the shop's markets.
    hosts: HashSet<String>,
    waiting: VecDeque<Url>,
    /// Addresses that were asked for, with their statuses, or that wait to be.
    statuses: HashMap<Url, Option<StatusCode>>,
    references: Vec<Reference>,
    looked: Looked,
}

impl Walk {
    fn begin(&mut self, shop: &Shop) {
        let own = self
            .sources
            .own_pages()
            .map(|name| format!("/pages/{name}"));
        let paths: Vec<String> = FIRST.map(str::to_owned).into_iter().chain(own).collect();
        for market in shop.0.markets.iter() {
            let host = match &*market.host {
                "" => NO_HOST,
                host => host,
            };
            self.hosts.insert(host.to_owned());
            for path in &paths {
                let address = format!("http://{host}{}{path}", market.prefix);
                if let Ok(address) = Url::parse(&address) {
                    self.expect(address);
                }
            }
        }
    }

    /// Has an address asked for, unless it is known: those with parameters last, for there may be
    /// many of one page.
    fn expect(&mut self, address: Url) {
        if !self.statuses.contains_key(&address) {
            self.statuses.insert(address.clone(), None);
            match address.query() {
                None => self.waiting.push_front(address),
                Some(_) => self.waiting.push_back(address),
            }
        }
    }

    async fn visit(&mut self, address: &Url) {
        let page = shown_address(address);
        let answer = match self.ask(address).await {
            Ok(answer) => answer,
            Err(problem) => {
                let finding = Finding::error("page-failed", problem, "the log says why");
                self.looked.findings.push(finding.on_page(&page));
                return;
            }
        };
        self.statuses.insert(address.clone(), Some(answer.status));
        if answer.status.is_server_error() {
            let problem = format!("it is answered with {}", answer.status.as_u16());
            let finding = Finding::error("page-failed", problem, "the log says why");
            self.looked.findings.push(finding.on_page(&page));
        } else if let Some(to) = answer.location {
            if let Some(to) = self.own_address(address, &to) {
                self.expect(to);
            }
        } else if answer.is_html {
            self.looked.pages += 1;
            // Elements do not leave the thread that has read them.
            let (mut findings, references) = self.read(address, &answer);
            self.looked.findings.append(&mut findings);
            for (to, _) in &references {
                // Of a page with parameters there are as many as visitors have words.
                if address.query().is_none() || assets::is_file(to.path()) {
                    self.expect(to.clone());
                }
            }
            self.references.extend(references);
        }
    }

    /// What is wrong with a page, and where it leads.
    fn read(&self, address: &Url, answer: &Answer) -> (Vec<Finding>, Vec<Reference>) {
        let page = shown_address(address);
        let html = Html::parse_document(&answer.body);
        let placed = |finding: Finding, element: Option<ElementRef<'_>>| {
            let finding = finding.on_page(&page);
            match element.and_then(|element| self.sources.place_of(&element)) {
                Some((file, line)) => finding.in_file(file, Some(line)),
                None => finding,
            }
        };
        let broken = accessibility::findings(&html).into_iter();
        let refused = policy::findings(&html, &answer.policy).into_iter();
        let found = broken.chain(refused);
        let mut findings: Vec<Finding> = found.map(|(one, element)| placed(one, element)).collect();
        let mut references = Vec::new();
        for link in select(&html, "a[href], area[href]") {
            let href = attribute(&link, "href");
            if let Some(id) = href.strip_prefix('#').filter(|id| !id.is_empty()) {
                let mut ids = select(&html, "[id]").map(|element| attribute(&element, "id"));
                if !ids.any(|known| known == id) {
                    let problem = format!("{} leads to no element of the page", shown(&link));
                    let advice = "give the id to the element that is meant";
                    let finding = Finding::error("link-broken", problem, advice);
                    findings.push(placed(finding, Some(link)));
                }
            } else if let Some(to) = self.own_address(address, href) {
                let problem = format!("{} leads nowhere", shown(&link));
                let advice = "name a page of the shop, or make this one";
                let finding = Finding::error("link-broken", problem, advice);
                references.push((to, placed(finding, Some(link))));
            }
        }
        for (selector, name) in LOADING {
            for element in select(&html, selector) {
                for file in files(name, attribute(&element, name)) {
                    if let Some(to) = self.own_address(address, file) {
                        let problem = format!("`{file}` of {} is not there", shown(&element));
                        let advice = "put the file into static/, or name another one";
                        let finding = Finding::error("file-missing", problem, advice);
                        references.push((to, placed(finding, Some(element))));
                    }
                }
            }
        }
        (findings, references)
    }

    /// Where a reference on a page leads, when that is within the shop.
    fn own_address(&self, page: &Url, reference: &str) -> Option<Url> {
        let mut to = page.join(reference.trim()).ok()?;
        to.set_fragment(None);
        let is_http = matches!(to.scheme(), "http" | "https");
        let is_own = is_http && self.hosts.contains(to.host_str()?);
        is_own.then_some(to)
    }

    async fn ask(&self, address: &Url) -> Result<Answer, String> {
        let host = address.host_str().unwrap_or(NO_HOST);
        let path = path_and_query(address);
        let request = Request::get(path)
            .header(HOST, host)
            .header(ACCEPT, "text/html, */*")
            // Nobody looks at products here.
            .extension(PrewarmRequest)
            .body(Body::empty());
        let request = request.map_err(|error| error.to_string())?;
        let Ok(response) = self.router.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| error.to_string())?;
        let text = |name| {
            let value = parts.headers.get(name);
            let value = value.and_then(|value| value.to_str().ok());
            value.map(str::to_owned)
        };
        Ok(Answer {
            status: parts.status,
            is_html: text(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html")),
            policy: text(CONTENT_SECURITY_POLICY).unwrap_or_default(),
            location: text(LOCATION),
            body: String::from_utf8_lossy(&body.to_bytes()).into_owned(),
        })
    }

    /// What was found, with the references that lead nowhere.
    fn end(self) -> Looked {
        let mut looked = self.looked;
        for (to, finding) in self.references {
            let status = self.statuses.get(&to).copied().flatten();
            if status.is_some_and(|status| status.is_client_error()) {
                looked.findings.push(finding);
            }
        }
        looked
    }
}

/// An answer of the shop.
struct Answer {
    status: StatusCode,
    is_html: bool,
    policy: String,
    location: Option<String>,
    body: String,
}

/// The files that an attribute names.
fn files<'a>(name: &str, value: &'a str) -> Vec<&'a str> {
    match name {
        "srcset" => {
            let candidates = value.split(", ");
            candidates
                .filter_map(|one| one.split_ascii_whitespace().next())
                .collect()
        }
        _ => vec![value],
    }
}

fn path_and_query(address: &Url) -> &str {
    let origin = address.origin().ascii_serialization().len();
    address.as_str().get(origin..).unwrap_or("/")
}

/// An address as the shop's developer writes it.
fn shown_address(address: &Url) -> String {
    let path = path_and_query(address);
    match address.host_str() {
        Some(NO_HOST) | None => path.to_owned(),
        Some(host) => format!("{host}{path}"),
    }
}
