//! Public pages: kept with their holes, and filled here for each visitor.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use http::HeaderValue;
use http::header::{AGE, COOKIE, VARY};
use http::request::Parts;

use super::front::Front;
use super::origin::{Answer, OriginError};
use super::pass::pass;
use super::{Node, Past, trouble};
use crate::app::cart;
use crate::app::causes::with_causes;
use crate::app::kept::{KIND, Kept, POLICY, Stored};
use crate::cache::http::status::{self, CACHE_STATUS};
use crate::cache::http::{CacheStatus, Refused, key, storable};
use crate::cache::{Found, Load};
use crate::guest::Host;
use crate::page::PageError;
use crate::web::forwarded::Forwarded;
use crate::web::session::Session;

/// How long a page is fresh where no purge is heard of, because there is no Redis to hear it from.
const DEAF: Duration = Duration::from_secs(10);

/// What a kept page is found and filled with.
struct Asked {
    host: Host,
    session: Session,
    target: String,
    key: String,
}

/// Answers a request for a public page.
pub async fn answer(node: &Node, front: &Arc<Front>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let asked = match ask(node, front, &parts) {
        Ok(asked) => asked,
        Err(why) => {
            let request = Request::from_parts(parts, body);
            return Box::pin(pass(node, Some(front), request, why)).await;
        }
    };
    // Most requests end here: what it takes to load a page is not even gathered.
    if let Some(found) = front.cache.get::<Stored>(&asked.key)
        && let Some(kept) = &found.value.0
        && let Ok(response) = filled(node, front, kept, &found, &asked, &parts).await
    {
        return response;
    }
    let request = Request::from_parts(parts, body);
    Box::pin(missed(node, front, asked, request)).await
}

/// Takes the page from the shop, or waits for who does.
async fn missed(node: &Node, front: &Arc<Front>, asked: Asked, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let past =
        async |parts, why| pass(node, Some(front), Request::from_parts(parts, body), why).await;
    let load = {
        let (node, front, target) = (node.clone(), Arc::clone(front), asked.target.clone());
        move |load: Load| fetch(node, front, target, load)
    };
    let found = front
        .cache
        .get_or_load::<Stored, _, _, _>(&asked.key, POLICY, load);
    match found.await {
        Ok(found) => match &found.value.0 {
            Some(kept) => match filled(node, front, kept, &found, &asked, &parts).await {
                Ok(response) => response,
                Err(error) => {
                    let error = with_causes(&error);
                    tracing::warn!(error, "a page could not be filled here");
                    past(parts, Past::Refused(Refused::Private)).await
                }
            },
            None => past(parts, Past::Refused(Refused::Private)).await,
        },
        Err(error) => trouble::of_load(front, &parts, &error),
    }
}

/// Why a request is not answered from the cache, or what it is answered with.
fn ask(node: &Node, front: &Front, request: &Parts) -> Result<Asked, Past> {
    storable::request(&request.method).map_err(Past::Refused)?;
    let host = front.host.clone().ok_or(Past::Components)?;
    let session = match &front.sessions {
        Some(key) => {
            let secure = cart::secure(node.0.config.secure_cookies, &request.headers);
            let counts = &node.0.cart_counts;
            counts.session(&request.headers, key, secure)
        }
        None if Session::is_claimed(&request.headers) => {
            return Err(Past::Refused(Refused::Private));
        }
        None => Session::default(),
    };
    let target = request.uri.path_and_query().map(|target| target.as_str());
    let target = target.and_then(key::normalise);
    let target = target.ok_or(Past::Refused(Refused::Target))?;
    let shop = &front.shop;
    let dimensions = [
        &shop.locale,
        &shop.currency,
        &shop.generation,
        &node.0.region,
    ];
    let key = key::of(KIND, &target, &dimensions.map(String::as_str));
    let key = key.ok_or(Past::Refused(Refused::Target))?;
    if front.cache.is_unshared(&key) {
        return Err(Past::Refused(Refused::Private));
    }
    Ok(Asked {
        host,
        session,
        target,
        key,
    })
}

/// Takes a page from the shop.
async fn fetch(
    node: Node,
    front: Arc<Front>,
    target: String,
    load: Load,
) -> Result<Stored, OriginError> {
    let Answer::Page(came) = node.0.origin.page(&target, &node.0.region).await? else {
        load.do_not_store();
        return Ok(Stored(None));
    };
    let (facts, page) = (came.facts, came.page);
    if facts.generation != front.shop.generation || page.build != front.shop.build {
        node.0.changed.notify_one();
        load.do_not_store();
        return Ok(Stored(None));
    }
    for tag in facts.tags {
        load.tag(tag);
    }
    let fresh_for = Duration::from_millis(facts.fresh_for);
    load.freshness(match node.0.config.redis_url.is_empty() {
        true => fresh_for.min(DEAF),
        false => fresh_for,
    });
    let mut kept = Kept::new(page, Vec::new());
    kept.came_at = Duration::from_millis(facts.age);
    Ok(Stored(Some(kept)))
}

async fn filled(
    node: &Node,
    front: &Front,
    kept: &Kept,
    found: &Found<Stored>,
    asked: &Asked,
    request: &Parts,
) -> Result<Response, PageError> {
    let Asked { host, session, .. } = asked;
    let address = request.extensions.get().and_then(Forwarded::address);
    let answer = kept.answer(host, &request.headers, session, address);
    let mut response = answer.await?;
    let status = response.status();
    let headers = response.headers_mut();
    front.security.apply(status, headers);
    if session.cart.is_some() {
        headers.append(VARY, HeaderValue::from(COOKIE));
    }
    headers.insert(AGE, status::age(found.age + kept.came_at));
    headers.insert(CACHE_STATUS, node.status(CacheStatus::of(found)));
    Ok(response)
}
