//! The shop behind this node, over HTTP: every answer is bounded in time and size.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use reqwest::{Body, Client, Response, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use tracing::{Instrument, Span};

use crate::edge_node::api::{self, Facts};
use crate::edge_node::origin_info::{OriginInfo, VERSION};
use crate::page_cache::page_bytes;
use crate::prewarm::job::{Choice, Plan};
use crate::prewarm::sku::Stock;
use protium_page::HoledPage;
use protium_types::hex;
use protium_wasm::outbound::{self, ReadError};

/// How long the shop may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(3);
/// How long it may take to say who it is, and for a page with holes: shorter than a load of the
/// cache may be.
const TALK: Duration = Duration::from_secs(5);
const PAGE: Duration = Duration::from_secs(8);
/// How long a plan may take, and its module.
const PLAN: Duration = Duration::from_secs(30);
const MODULE: Duration = Duration::from_secs(60);
/// The most bytes of each of these.
const MOST_TALK: usize = 64 << 10;
const MOST_PAGE: usize = 6 << 20;
const MOST_PLAN: usize = 16 << 20;
const MOST_MODULE: usize = 64 << 20;
/// Connections that are kept while nobody uses them.
const IDLE: usize = 256;

/// The shop.
pub struct Origin {
    base: Url,
    authority: HeaderValue,
    client: Client,
    token: HeaderValue,
}

/// Why the shop has no answer.
#[derive(Debug, thiserror::Error)]
pub enum OriginError {
    /// It cannot be reached, or did not finish its answer.
    #[error("the origin cannot be reached: {0}")]
    Unreachable(#[source] reqwest::Error),
    /// It took too long.
    #[error("the origin did not answer in time")]
    TimedOut,
    /// It answered with an error.
    #[error("the origin answered {0}")]
    Status(StatusCode),
    /// It does not take this node for one of its own.
    #[error(
        "the origin does not answer edge nodes ({0}): it must be a Protium shop with the same \
         PROTIUM_OPERATOR_TOKEN"
    )]
    NotTrusted(StatusCode),
    /// Its answer has more bytes than are taken.
    #[error("the origin's answer has more than {most} bytes")]
    Large {
        /// How many are taken.
        most: usize,
    },
    /// Its answer makes no sense.
    #[error("the origin's {what} cannot be used: {problem}")]
    Invalid {
        /// What was asked for.
        what: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The visitor sent more than is passed on.
    #[error("the request is larger than is passed on")]
    LargeRequest,
    /// The visitor did not send all of the request.
    #[error("the request ended too early")]
    Unfinished,
    /// The visitor's address could be read in two ways.
    #[error("the address could be read in two ways")]
    Address,
}

/// A visitor broke off in the middle of a request.
#[derive(Debug, thiserror::Error)]
#[error("the request ended too early: {0}")]
pub struct Unfinished(pub axum::Error);

impl OriginError {
    /// What a visitor is answered.
    pub fn status(&self) -> StatusCode {
        match self {
            OriginError::TimedOut => StatusCode::GATEWAY_TIMEOUT,
            OriginError::Status(StatusCode::SERVICE_UNAVAILABLE) => StatusCode::SERVICE_UNAVAILABLE,
            OriginError::LargeRequest => StatusCode::PAYLOAD_TOO_LARGE,
            OriginError::Address | OriginError::Unfinished => StatusCode::BAD_REQUEST,
            _ => StatusCode::BAD_GATEWAY,
        }
    }

    /// Whether the shop is not there at all.
    pub fn is_unreachable(&self) -> bool {
        match self {
            OriginError::Unreachable(_) | OriginError::TimedOut => true,
            OriginError::Status(status) => status.is_server_error(),
            _ => false,
        }
    }

    fn invalid(what: &'static str, problem: impl ToString) -> OriginError {
        OriginError::Invalid {
            what,
            problem: problem.to_string(),
        }
    }
}

impl From<reqwest::Error> for OriginError {
    fn from(error: reqwest::Error) -> OriginError {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(error) = cause {
            if error.is::<http_body_util::LengthLimitError>() {
                return OriginError::LargeRequest;
            }
            if error.is::<Unfinished>() {
                return OriginError::Unfinished;
            }
            cause = error.source();
        }
        if error.is_timeout() {
            OriginError::TimedOut
        } else {
            OriginError::Unreachable(error)
        }
    }
}

impl Origin {
    /// The shop at this address; an error says what is wrong with it.
    pub fn new(address: &str, token: &str) -> Result<Origin, String> {
        let base = Url::parse(address).map_err(|error| error.to_string())?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err("it must begin with http:// or https://".to_owned());
        }
        let has_more = base.path() != "/" || base.query().is_some() || base.fragment().is_some();
        if has_more || !base.username().is_empty() || base.password().is_some() {
            return Err("it must be scheme, host and port, and nothing else".to_owned());
        }
        let host = base.host_str().ok_or("it has no host")?;
        let authority = match base.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let mut token = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|_| "the operator token cannot be sent in a header".to_owned())?;
        token.set_sensitive(true);
        let client = outbound::client()
            .connect_timeout(CONNECT)
            .pool_max_idle_per_host(IDLE)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Origin {
            authority: HeaderValue::try_from(authority).map_err(|error| error.to_string())?,
            base,
            client,
            token,
        })
    }

    /// The shop's host and port.
    pub fn authority(&self) -> &HeaderValue {
        &self.authority
    }

    /// What the shop knows its nodes by.
    pub fn token(&self) -> &HeaderValue {
        &self.token
    }

    /// Who the shop is.
    pub async fn origin_info(&self) -> Result<OriginInfo, OriginError> {
        /// What every version says.
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        const WHAT: &str = "origin info";
        let exchange = self.get(api::ORIGIN_INFO, self.trusted());
        let bytes = whole(TALK, exchange, MOST_TALK).await;
        let bytes = bytes.map_err(|error| match error {
            OriginError::Status(status) if !status.is_server_error() => {
                OriginError::NotTrusted(status)
            }
            error => error,
        })?;
        let Version { version } = json(WHAT, &bytes)?;
        if version != VERSION {
            let known = VERSION;
            let problem = format!(
                "it is of version {version}, this node knows {known}: let both be of one version \
                 of Protium"
            );
            return Err(OriginError::invalid(WHAT, problem));
        }
        json(WHAT, &bytes)
    }

    /// The page at a normalised target, for the cache; `None` when it is made for each visitor, or
    /// there is none.
    pub async fn page(
        &self,
        target: &str,
        region: &str,
    ) -> Result<Option<(Facts, HoledPage)>, OriginError> {
        let mut headers = self.trusted();
        let region = HeaderValue::try_from(region).map_err(|_| OriginError::Address)?;
        headers.insert(api::REGION, region);
        let exchange = async {
            let response = self.get(target, headers).await?;
            let status = response.status();
            if status.is_server_error() {
                return Err(OriginError::Status(status));
            }
            let kind = response.headers().get(CONTENT_TYPE);
            if status != StatusCode::OK || kind.is_none_or(|kind| kind != api::PAGE) {
                return Ok(None);
            }
            read(response, MOST_PAGE).await.map(Some)
        };
        let Some(bytes) = within(PAGE, exchange).await? else {
            return Ok(None);
        };
        let page = page_bytes::decode(&bytes);
        let page = page.ok_or_else(|| OriginError::invalid("page", "it is not one with holes"))?;
        Ok(Some(page))
    }

    /// What there is to prewarm.
    pub async fn plan(&self, choice: &Choice) -> Result<Plan, OriginError> {
        const WHAT: &str = "plan";
        let body = serde_json::to_vec(choice).map_err(|e| OriginError::invalid(WHAT, e))?;
        let mut headers = self.trusted();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let sent = self.client.request(Method::POST, self.url(api::PLAN)?);
        let exchange = async { Ok(sent.headers(headers).body(body).send().await?) };
        json(WHAT, &whole(PLAN, exchange, MOST_PLAN).await?)
    }

    /// What there is of a SKU.
    pub async fn stock(&self, sku: &str) -> Result<Option<Stock>, OriginError> {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("sku", sku)
            .finish();
        let target = format!("{}?{query}", api::STOCK);
        let exchange = self.get(&target, self.trusted());
        json("stock", &whole(TALK, exchange, MOST_TALK).await?)
    }

    /// The components' module.
    pub async fn module(&self, path: &str, sha256: &str) -> Result<Bytes, OriginError> {
        let bytes = whole(MODULE, self.get(path, HeaderMap::new()), MOST_MODULE).await?;
        if hex(&Sha256::digest(&bytes)) != sha256 {
            return Err(OriginError::invalid(
                "module",
                "it is not the one that was announced",
            ));
        }
        Ok(bytes)
    }

    /// Sends a request on its way. The time until the answer's head is bounded by the caller.
    pub async fn send(&self, parts: Parts, body: Option<Body>) -> Result<Response, OriginError> {
        let target = parts.uri.path_and_query().ok_or(OriginError::Address)?;
        let url = self.url(target.as_str())?;
        match body {
            None if matches!(parts.method, Method::GET | Method::HEAD) => {
                self.ask(parts.method, url, parts.headers).await
            }
            body => {
                let span = span_of(&parts.method, &url);
                let sent = self
                    .client
                    .request(parts.method, url)
                    .headers(parts.headers);
                let sent = sent.body(body.unwrap_or_default()).send();
                Ok(sent.instrument(span).await?)
            }
        }
    }

    /// Asks, and once more when the connection broke: the shop may have closed it a moment before.
    async fn ask(
        &self,
        method: Method,
        url: Url,
        headers: HeaderMap,
    ) -> Result<Response, OriginError> {
        let once = || {
            let sent = self.client.request(method.clone(), url.clone());
            let sent = sent.headers(headers.clone()).send();
            sent.instrument(span_of(&method, &url))
        };
        match once().await {
            Err(error) if error.is_request() && !error.is_connect() && !error.is_timeout() => {
                Ok(once().await?)
            }
            answer => Ok(answer?),
        }
    }

    /// The address of a target here. None is sent that this way of writing addresses would change:
    /// what the shop reads must be what the node read.
    fn url(&self, target: &str) -> Result<Url, OriginError> {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        let mut url = self.base.clone();
        url.set_path(path);
        url.set_query(query);
        if url.path() != path || url.origin() != self.base.origin() {
            return Err(OriginError::Address);
        }
        Ok(url)
    }

    async fn get(&self, target: &str, mut headers: HeaderMap) -> Result<Response, OriginError> {
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        self.ask(Method::GET, self.url(target)?, headers).await
    }

    /// The headers that show this node to be one of the shop's own.
    fn trusted(&self) -> HeaderMap {
        HeaderMap::from_iter([(AUTHORIZATION, self.token.clone())])
    }
}

/// The span of a request to the origin, until the head of its answer.
fn span_of(method: &Method, url: &Url) -> Span {
    tracing::debug_span!(
        "backend",
        otel.kind = "client",
        http.request.method = method.as_str(),
        server.address = url.host_str(),
        server.port = url.port_or_known_default(),
        url.path = url.path(),
    )
}

async fn within<T>(
    time: Duration,
    exchange: impl Future<Output = Result<T, OriginError>>,
) -> Result<T, OriginError> {
    tokio::time::timeout(time, exchange)
        .await
        .unwrap_or(Err(OriginError::TimedOut))
}

/// The body of an answer with status 200.
async fn whole(
    time: Duration,
    exchange: impl Future<Output = Result<Response, OriginError>>,
    most: usize,
) -> Result<Bytes, OriginError> {
    let answer = async {
        let response = exchange.await?;
        match response.status() {
            StatusCode::OK => read(response, most).await,
            status => Err(OriginError::Status(status)),
        }
    };
    within(time, answer).await
}

fn json<T: DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<T, OriginError> {
    serde_json::from_slice(bytes).map_err(|error| OriginError::invalid(what, error))
}

async fn read(response: Response, most: usize) -> Result<Bytes, OriginError> {
    outbound::read(response, most)
        .await
        .map_err(|unread| match unread {
            ReadError::TooLarge => OriginError::Large { most },
            ReadError::Failed(error) => error.into(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Origin {
        Origin::new("http://origin.example:8080", "token").expect("an address")
    }

    #[test]
    fn an_address_that_is_more_than_host_and_port_is_refused() {
        for address in [
            "origin.example",
            "ftp://origin.example",
            "http://origin.example/shop",
            "http://origin.example/?a",
            "http://user@origin.example",
            "http://user:secret@origin.example",
        ] {
            assert!(Origin::new(address, "token").is_err(), "{address}");
        }
        assert_eq!(origin().authority(), "origin.example:8080");
    }

    #[test]
    fn no_target_leads_elsewhere_or_is_read_differently() {
        let origin = origin();
        for target in ["//evil.example/", "/a/b?c=d&e", "/a%20b", "/search?q=it's"] {
            let url = origin.url(target).expect(target);
            assert_eq!(url.host_str(), Some("origin.example"), "{target}");
        }
        for target in ["/a/../b", "/a/%2e%2e/b", "/a\\b", "/a/./b", "*", "evil"] {
            assert!(origin.url(target).is_err(), "{target}");
        }
    }
}
