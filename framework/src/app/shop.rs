//! A running shop: what all requests share.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::extract::FromRef;
use bytes::Bytes;
use serde::Serialize;
use tera::Context as TemplateContext;

use super::causes::with_causes;
use super::values::{List, Values};
use super::visit::Visit;
use crate::commerce::sqlite::Store;
use crate::commerce::{Carts, Catalogue, Context, ProviderError, Recorder};
use crate::config::Config;
use crate::guest::{GuestError, Value};
use crate::page::{PageError, PageRequest, Pages, Personal, Timings};
use crate::web::assets::Assets;
use crate::web::csp::SecurityHeaders;
use crate::web::locale::Locale;
use crate::web::refusal::Refusal;
use crate::web::session::SessionKey;

/// Collections in the navigation.
const NAV: u32 = 6;
/// The time in a page's context is a multiple of this, so that a page stays the same for as long.
const CLOCK: Duration = Duration::from_secs(60);

/// A shop that is ready for requests. Clones share everything.
#[derive(Clone)]
pub struct Shop(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub config: Config,
    pub locale: Locale,
    pub store: Store,
    pub pages: Pages,
    pub assets: Arc<Assets>,
    pub values: Values,
    pub security: SecurityHeaders,
    pub session_key: SessionKey,
    pub asking: Context,
    /// The entries of a page's context that are the same for every request.
    pub context: Vec<(String, Value)>,
}

/// A page as it was rendered.
pub struct Rendered {
    /// The whole page.
    pub html: Bytes,
    /// The steps it took, for `Server-Timing`.
    pub timing: Vec<(&'static str, Duration)>,
}

impl Shop {
    /// What the shop was started with.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// How it writes numbers, money and dates.
    pub fn locale(&self) -> &Locale {
        &self.0.locale
    }

    /// The files beside its pages.
    pub fn assets(&self) -> &Assets {
        &self.0.assets
    }

    /// What its cookies are signed with.
    pub fn session_key(&self) -> &SessionKey {
        &self.0.session_key
    }

    pub(super) fn security(&self) -> &SecurityHeaders {
        &self.0.security
    }

    pub(super) fn values(&self) -> &Values {
        &self.0.values
    }

    /// What it sells.
    pub fn catalogue(&self) -> &dyn Catalogue {
        &self.0.store
    }

    /// What its visitors want to buy.
    pub fn carts(&self) -> &dyn Carts {
        &self.0.store
    }

    /// What the providers are told about one request.
    pub(super) fn asking(&self) -> Context {
        Context {
            deadline: Instant::now() + crate::commerce::context::DEFAULT_TIME,
            recorder: Recorder::default(),
            ..self.0.asking.clone()
        }
    }

    /// Renders a template for a visitor: with what is the same on every page, and the badge of this visitor's cart.
    pub(super) async fn render(
        &self,
        visit: &Visit,
        template: &str,
        mut context: TemplateContext,
    ) -> Result<Rendered, Refusal> {
        let start = Instant::now();
        context.insert_value("shop", self.values().shop());
        context.insert_value("nav", self.nav().await);
        context.insert("path", visit.path());
        context.insert(
            "canonical",
            &format!(
                "{}{}",
                self.config().shop.url.trim_end_matches('/'),
                visit.path()
            ),
        );
        let mut ctx = self.0.context.clone();
        ctx.push(("path".to_owned(), Value::from(visit.target.as_str())));
        ctx.push(("time".to_owned(), Value::Int(clock())));
        let cart = Value::record([
            ("count", Value::Int(visit.session.count)),
            ("version", Value::Int(visit.session.version)),
        ]);
        let request = PageRequest {
            template,
            context: &context,
            ctx: Value::Record(ctx),
            personal: Some(Personal {
                stores: Value::record([("cart", cart)]),
            }),
        };
        let before = start.elapsed();
        let page = self.0.pages.render(request).await?;
        let Timings {
            tera,
            guest,
            splice,
        } = page.timings;
        let timing = vec![
            ("context", before),
            ("tera", tera),
            ("guest", guest),
            ("splice", splice),
        ];
        Ok(Rendered {
            html: page.html.into(),
            timing,
        })
    }

    /// A list that many pages show. It is read again now and then; while that fails, the last one stays.
    pub(super) async fn list<T: Serialize>(
        &self,
        list: List,
        read: impl Future<Output = Result<Vec<T>, ProviderError>>,
    ) -> Result<tera::Value, Refusal> {
        let known = self.values().list(list);
        if let Some((value, false)) = known {
            return Ok(value);
        }
        match (read.await, known) {
            (Ok(items), _) => {
                let value = tera::Value::from_serializable(&items);
                self.values().keep(list, value.clone());
                Ok(value)
            }
            (Err(error), Some((value, _))) => {
                tracing::warn!(
                    error = with_causes(&error),
                    "a list could not be read again"
                );
                Ok(value)
            }
            (Err(error), None) => Err(error.into()),
        }
    }

    /// The collections in the navigation. A page is better without than not there.
    async fn nav(&self) -> tera::Value {
        let asking = self.asking();
        self.list(List::Nav, self.catalogue().collections(&asking, NAV))
            .await
            .unwrap_or_else(|_| tera::Value::from(Vec::<tera::Value>::new()))
    }
}

impl FromRef<Shop> for SessionKey {
    fn from_ref(shop: &Shop) -> SessionKey {
        shop.0.session_key.clone()
    }
}

impl From<ProviderError> for Refusal {
    fn from(error: ProviderError) -> Refusal {
        use http::StatusCode;
        let status = match &error {
            ProviderError::Busy(_) | ProviderError::Unavailable { .. } => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            ProviderError::Invalid { .. } => StatusCode::BAD_REQUEST,
            ProviderError::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Refusal::of_status(status).because(with_causes(&error))
    }
}

impl From<PageError> for Refusal {
    fn from(error: PageError) -> Refusal {
        match &error {
            PageError::NotFound(template) if template.starts_with(super::pages::OWN) => {
                Refusal::not_found()
            }
            PageError::Guest(GuestError::Busy { .. }) => {
                Refusal::of_status(http::StatusCode::SERVICE_UNAVAILABLE)
                    .because(with_causes(&error))
            }
            _ => Refusal::internal(with_causes(&error)),
        }
    }
}

/// The time as pages see it, in milliseconds since 1970.
fn clock() -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis();
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let step = CLOCK.as_millis() as i64;
    now - now % step
}
