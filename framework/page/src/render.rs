//! Renders a page from a template and its data.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use protium_wasm::{Batch, Host, Prop, Rendered, Value};
use tracing::{Instrument, Span};

use super::build_id::BuildParts;
use super::compile::BrokenTemplates;
use super::error::{Location, PageError, TemplateError};
use super::filters::Filters;
use super::head::{BrowserAssets, Head};
use super::layer::{self, TemplateLayer};
use super::marker::Mark;
use super::messages::MessageFiles;
use super::props;
use super::render_cache::RenderCache;
use super::site::Site;
use super::snapshot;
use super::splice::{Insertions, Live, Made, Splice};
use super::template::{Templates, Text};

/// The largest page, in bytes: pages are completed in memory before status and headers are decided.
pub const MAX_PAGE_BYTES: usize = 2 * 1024 * 1024;

/// What the pages of a shop are made from.
#[derive(Debug)]
pub struct PagesConfig {
    /// Templates; later layers replace files of earlier ones by name.
    pub layers: Vec<TemplateLayer>,
    /// Message files (`LANGUAGE.json`); a later layer's messages replace an earlier one's by key.
    pub messages: Vec<TemplateLayer>,
    /// Filters that the app defines.
    pub filters: Filters,
    /// What the browser loads on pages with islands.
    pub assets: BrowserAssets,
    /// What BUILD is a digest of, besides the templates.
    pub build: BuildParts,
    /// Development: props are checked more strictly, and the browser reports mismatches.
    pub dev: bool,
}

/// A page to render.
#[derive(Debug)]
pub struct PageRequest<'a> {
    /// The template's name, for example `product.html`.
    pub template: &'a str,
    /// The template's data. Nothing of the visitor, unless the response is private.
    pub context: &'a tera::Context,
    /// The components' context: section 5 of the protocol, as a record. Nothing of the visitor.
    pub ctx: Value,
    /// The visitor's data; without it personal components show their fallback.
    pub personal: Option<Personal>,
}

/// Data of one visitor.
#[derive(Debug, Default)]
pub struct Personal {
    /// Stores by name: a record, or null.
    pub stores: Value,
    /// Scheme and host that the visitor used, printed for [`base_url`](super::base_url).
    pub base_url: String,
}

/// In a template's context this stands for scheme and host as each request's visitor uses them, so
/// that a cached page contains none. It may be printed directly and within `json`; other filters do
/// not work on it.
pub fn base_url() -> String {
    Mark::Address.text()
}

/// A finished page.
#[derive(Debug)]
pub struct Page {
    /// The whole document.
    pub html: Vec<u8>,
    /// The browser has islands to hydrate.
    pub has_islands: bool,
    /// A component failed, and its fallback is shown: the page should not be stored.
    pub failed: bool,
    /// BUILD of the page.
    pub build: String,
}

/// Makes the pages of a shop.
pub struct Pages {
    pub(super) templates: Templates,
    pub(super) host: Arc<Host>,
    pub(super) head: Head,
    pub(super) dev: bool,
    pub(super) render_cache: RenderCache,
    /// The length of the last text, as the initial capacity of the next one.
    pub(super) usual_bytes: AtomicUsize,
}

/// A prop that only this element of its component does not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsetProp {
    /// The element.
    pub at: Location,
    /// The component's name.
    pub component: String,
    /// The attribute that would set it.
    pub attribute: String,
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("dev", &self.dev)
            .finish_non_exhaustive()
    }
}

impl Pages {
    /// Reads and checks all templates against the components of `host`. Errors name template, line
    /// and column.
    pub fn load(config: PagesConfig, host: Arc<Host>) -> Result<Self, PageError> {
        let PagesConfig {
            layers,
            messages,
            filters,
            assets,
            build,
            dev,
        } = config;
        let manifest = Arc::new(host.manifest().clone());
        let sources = (layer::read(&layers)?, &*messages);
        let templates = Templates::new(sources, &manifest, &Arc::new(filters), &build, dev)?;
        Ok(Self {
            templates,
            host,
            head: Head::new(&assets),
            dev,
            render_cache: RenderCache::default(),
            usual_bytes: AtomicUsize::new(16 * 1024),
        })
    }

    /// BUILD of the pages.
    pub fn build(&self) -> &str {
        &self.templates.build
    }

    /// Props that one element of a component leaves out, so that they have their zero values there,
    /// and all of its other elements set.
    pub fn unset_props(&self) -> Vec<UnsetProp> {
        let manifest = self.host.manifest();
        let sites = &self.templates.sites;
        let lacks = |site: &Site, prop: &Prop| site.props.iter().all(|set| set.name != prop.name);
        let unset = sites.iter().flat_map(|site| {
            let component = manifest.component(&site.component);
            let props = component.map_or(&[][..], |component| &component.props);
            let is_alone = |prop: &&Prop| {
                let others = sites
                    .iter()
                    .filter(|other| other.component == site.component);
                lacks(site, prop) && others.filter(|other| lacks(other, prop)).count() == 1
            };
            props.iter().filter(is_alone).map(|prop| UnsetProp {
                at: site.at.clone(),
                component: site.component.clone(),
                attribute: props::attribute_name(&prop.name),
            })
        });
        unset.collect()
    }

    /// The templates that cannot be used.
    pub fn broken(&self) -> &BrokenTemplates {
        &self.templates.broken
    }

    /// Renders a page: Tera, one call for the public components, one for the visitor's, and
    /// splicing.
    pub async fn render(&self, request: PageRequest<'_>) -> Result<Page, PageError> {
        let PageRequest {
            template,
            context,
            ctx,
            personal,
        } = request;
        let compiled = &self.templates;
        let read = |bytes, calls| {
            let _span = tracing::debug_span!("splice").entered();
            Splice::read(template, bytes, &compiled.sites, calls, personal.is_some())
        };
        // Development always renders the fallbacks, for the sake of errors in them.
        let Text { bytes, calls, ctx } = self.text(template, context, ctx, self.dev)?;
        let with_fallbacks;
        let mut splice = read(&bytes, calls)?;
        let (mut public, mut visitors) = splice.batches();
        public.ctx = ctx;
        let mut public_rendered = self.components(&public).await?;
        if public_rendered.has_failed() && !self.dev {
            let ctx = public.ctx.clone();
            let Text { bytes, calls, .. } = self.text(template, context, ctx, true)?;
            with_fallbacks = bytes;
            splice = read(&with_fallbacks, calls)?;
            let rendered = std::mem::take(&mut public);
            (public, visitors) = splice.batches();
            public.ctx = rendered.ctx;
            // A filter of the shop may say something else each time.
            if public.islands != rendered.islands {
                public_rendered = self.components(&public).await?;
            }
        }
        visitors.ctx = std::mem::take(&mut public.ctx);
        let Personal { stores, base_url } = personal.unwrap_or_default();
        visitors.stores = stores;
        let visitors_rendered = self.components(&visitors).await?;
        let _splicing = tracing::debug_span!("splice").entered();
        let failed = public_rendered.has_failed() || visitors_rendered.has_failed();

        let public = Made {
            batch: &public,
            rendered: &public_rendered,
        };
        let visitors = Made {
            batch: &visitors,
            rendered: &visitors_rendered,
        };
        let (live, live_personal) = splice.live(public, visitors);
        let has_islands = !live.is_empty() || !live_personal.is_empty();
        let mut insertions = Insertions::default();
        if has_islands {
            splice.check_places()?;
            let at_once = live
                .iter()
                .chain(&live_personal)
                .any(|island| island.site.hydrate.wants_module_at_once());
            insertions = self.insertions(&compiled.build, &visitors.batch.ctx, &live, at_once)?;
            if !live_personal.is_empty() {
                let written = snapshot::write_fragment(
                    &mut insertions.snapshot,
                    &compiled.build,
                    &visitors.batch.stores,
                    &snapshot::islands(&live_personal),
                );
                written.map_err(unwritable)?;
            }
        }
        insertions.address = base_url.into_bytes();
        let html = splice.finish(public, visitors, &insertions, MAX_PAGE_BYTES)?;
        Ok(Page {
            html,
            has_islands,
            failed,
            build: compiled.build.clone(),
        })
    }

    /// Renders components: what is remembered of them, and the rest by one call into the module.
    /// Development renders all each time, because it compares two renders.
    pub(super) async fn components(&self, batch: &Batch) -> Result<Rendered, PageError> {
        if batch.islands.is_empty() {
            return Ok(Rendered::default());
        }
        let call = async |batch: &Batch| {
            let rendered = self.host.render(batch);
            rendered.instrument(guest_span(batch)).await
        };
        let rendered = match self.dev {
            true => call(batch).await,
            false => self.render_cache.render(batch, call).await,
        };
        Ok(rendered?)
    }

    /// Renders a template to text in which components are markers, with or without the fallbacks of
    /// public ones.
    pub(super) fn text(
        &self,

        template: &str,
        context: &tera::Context,
        ctx: Value,
        fallbacks: bool,
    ) -> Result<Text, PageError> {
        let _span = tracing::debug_span!("template", template).entered();
        let room = Vec::with_capacity(self.usual_bytes.load(Ordering::Relaxed));
        let text =
            self.templates
                .render(template, context, ctx, fallbacks, room, MAX_PAGE_BYTES)?;
        self.usual_bytes.store(text.bytes.len(), Ordering::Relaxed);
        Ok(text)
    }

    /// What hydration needs: the runtime in the head, and the snapshot of the islands that are the
    /// same for all.
    pub(super) fn insertions(
        &self,
        build: &str,
        ctx: &Value,
        live: &[Live<'_>],
        at_once: bool,
    ) -> Result<Insertions, PageError> {
        let mut insertions = Insertions::default();
        self.head.write(&mut insertions.head, at_once);
        let (lane, islands) = (self.host.lane(), snapshot::islands(live));
        let html = &mut insertions.snapshot;
        snapshot::write(html, build, (lane, self.dev), ctx, &islands).map_err(unwritable)?;
        Ok(insertions)
    }

    /// The messages of the theme and the shop.
    pub fn messages(&self) -> &MessageFiles {
        self.templates.messages()
    }

    /// The host of the components.
    pub fn host(&self) -> &Host {
        &self.host
    }
}

/// The span of a call into the components' module.
pub(super) fn guest_span(batch: &Batch) -> Span {
    tracing::debug_span!("guest", protium.components = batch.islands.len())
}

pub(super) fn unwritable(error: serde_json::Error) -> PageError {
    TemplateError::new(format!("the snapshot cannot be written: {error}")).into()
}
