//! Renders a page of the shop: its template with what is the same on every page.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use tera::Context as TemplateContext;

use crate::app::Shop;
use crate::http::error::HttpError;
use crate::request::context::PageContext;
use crate::request::page::Page;
use crate::request::personal::PersonalData;
use crate::storefront::template_cache::List;
use crate::telemetry::with_causes;
use protium_cache::Cache;
use protium_commerce::{Context, ProviderError, Recorder};
use protium_page::{HoledPage, PageRequest, base_url};
use protium_types::{Dependencies, Region, Tag, Url, now_millis};
use protium_wasm::Value;

/// Collections in the navigation.
const NAV: u32 = 6;
/// The time in a page's context is a multiple of this, so that a page stays the same for as long.
const CLOCK: Duration = Duration::from_secs(60);

/// A page as it was rendered.
pub struct Rendered<T = Bytes> {
    /// The whole page, or all of it that is the same for everyone.
    pub html: T,
    /// A component failed in it.
    pub failed: bool,
}

impl Shop {
    /// Renders a page for a visitor: with what is the same on every page, and the badge of this
    /// visitor's cart.
    pub(crate) async fn render(
        &self,
        page_context: &PageContext,
        page: Page,
    ) -> Result<Rendered, HttpError> {
        let Page {
            template,
            mut context,
            ..
        } = page;
        let ctx = self.prepare(page_context, &mut context).await?;
        let visitor = PersonalData::of(&page_context.session);
        let request = PageRequest {
            template: &template,
            context: &context,
            ctx,
            personal: Some(visitor.in_page(page_context.address.as_ref())),
        };
        let page = page_context.release.pages.render(request).await?;
        Ok(Rendered {
            html: page.html.into(),
            failed: page.failed,
        })
    }

    /// Renders a page without a visitor, to be cached and filled later. `None` when it cannot be
    /// cached.
    pub(crate) async fn render_with_holes(
        &self,
        page_context: &PageContext,
        page: Page,
    ) -> Result<Option<Rendered<HoledPage>>, HttpError> {
        let Page {
            template,
            mut context,
            ..
        } = page;
        page_context.recorder.tag(Tag::new("template", &template));
        let ctx = self.prepare(page_context, &mut context).await?;
        let request = PageRequest {
            template: &template,
            context: &context,
            ctx,
            personal: None,
        };
        let page = page_context
            .release
            .pages
            .render_with_holes(request)
            .await?;
        Ok(page.map(|html| Rendered {
            failed: false,
            html,
        }))
    }

    /// Adds what every page has to the template's context; returns the context of components. A
    /// value of the handler wins over shared data of the same name.
    async fn prepare(
        &self,
        page_context: &PageContext,
        context: &mut TemplateContext,
    ) -> Result<Value, HttpError> {
        let cached = &page_context.release.template_cache;
        let [shop, market] = cached.market(&page_context.market);
        context.insert_value("shop", shop);
        context.insert_value("market", market);
        context.insert_value("nav", self.nav(page_context).await);
        context.insert("path", page_context.path());
        let base_url = match self.config().shop.url.trim_end_matches('/') {
            "" => base_url(),
            url => page_context.market.base_url(url),
        };
        let canonical = page_context
            .canonical
            .as_ref()
            .map_or(page_context.path(), Url::as_str);
        let prefix = &page_context.market.prefix;
        context.insert("canonical", &format!("{base_url}{prefix}{canonical}"));
        context.insert("base_url", &base_url);
        for (name, load) in &self.0.additions.shared {
            if !context.contains_key(name) {
                let value = load(self, page_context).await?;
                context.insert_value(name.clone(), value);
            }
        }
        let contexts = &page_context.release.context;
        let context = contexts
            .iter()
            .find(|(name, _)| *name == page_context.market.name);
        let context = context.or_else(|| contexts.first());
        let mut ctx = context
            .map(|(_, entries)| entries.clone())
            .unwrap_or_default();
        ctx.push(("path".to_owned(), Value::from(page_context.target.as_str())));
        ctx.push(("time".to_owned(), Value::Int(clock())));
        Ok(Value::Record(ctx))
    }

    /// A list that many pages show, of one region or, without one, of all. It is read again when it
    /// is older than a second; while that fails, the last one stays. The page depends on what the
    /// list depends on.
    pub(crate) async fn list<T: Serialize>(
        &self,
        page_context: &PageContext,
        (list, region): (List, Option<Region>),
        read: impl AsyncFnOnce(Context) -> Result<T, ProviderError>,
    ) -> Result<tera::Value, HttpError> {
        let (recorder, values) = (&page_context.recorder, &page_context.release.template_cache);
        let note = |depends: &Dependencies| {
            recorder.tags(depends.tags.iter().cloned());
            if let Some(freshness) = depends.freshness {
                recorder.freshness(freshness);
            }
        };
        let list = (list, region, page_context.market.clone());
        // A list from before a purge must not get into a page from after it.
        let purges = self.cache().map_or(0, Cache::purges);
        let known = values.list(&list, purges);
        if let Some((value, depends, false)) = known {
            note(&depends);
            return Ok(value);
        }
        let context = self.provider_context(&page_context.market, &Recorder::default());
        let noted = context.recorder.clone();
        match (read(context).await, known) {
            (Ok(items), _) => {
                let value = tera::Value::from_serializable(&items);
                let depends = noted.dependencies();
                note(&depends);
                values.insert(list, value.clone(), depends, purges);
                Ok(value)
            }
            (Err(error), Some((value, depends, _))) => {
                tracing::warn!(
                    error = with_causes(&error),
                    "a list could not be read again"
                );
                note(&depends);
                Ok(value)
            }
            (Err(error), None) => Err(error.into()),
        }
    }

    /// The collections in the navigation; none while they cannot be read.
    async fn nav(&self, page_context: &PageContext) -> tera::Value {
        let read = async |context: Context| self.catalogue().collections(&context, NAV).await;
        self.list(page_context, (List::Nav, None), read)
            .await
            .unwrap_or_else(|_| tera::Value::from(Vec::<tera::Value>::new()))
    }
}

/// The time as pages see it, in milliseconds since 1970.
fn clock() -> i64 {
    let now = now_millis();
    let step = CLOCK.as_millis() as i64;
    now - now % step
}
