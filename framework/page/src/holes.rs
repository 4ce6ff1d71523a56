//! Pages with holes: the part that is the same for all visitors is rendered once; the holes are
//! filled for each of them by one call into the components' module.

use bytes::Bytes;

use protium_wasm::{Batch, GuestError, Host, IslandOutcome, Rendered, Value};
use tracing::Instrument;

use super::error::PageError;
use super::failure_box;
use super::render::{MAX_PAGE_BYTES, PageRequest, Pages, guest_span, unwritable};
use super::site::Hydrate;
use super::snapshot::{self, Island};
use super::splice::{Insertions, Made, Missing, Splice, WithCuts};
use super::template::Text;

/// A page without the visitor's part. It can be cached, and filled any number of times, as long as
/// its BUILD is served.
#[derive(Debug)]
pub struct HoledPage {
    /// The texts around the holes: one more than there are holes.
    pub(super) texts: Vec<Bytes>,
    pub(super) holes: Vec<Missing>,
    /// The personal components, without a visitor's data.
    pub(super) batch: Batch,
    /// BUILD of the page.
    pub build: String,
}

/// The fillings of a page's holes, as all visitors have them whose stores are equal: without the
/// host that a visitor uses, which [`HoledPage::addressed`] puts in.
#[derive(Debug, Default)]
pub struct Filling {
    /// One for each hole, in order.
    parts: Vec<Vec<u8>>,
    /// A component failed, and its fallback is shown: this response must not be stored.
    pub failed: bool,
}

impl Filling {
    /// The size in memory, in bytes.
    pub fn weight(&self) -> usize {
        let parts = self.parts.iter();
        parts.map(|part| size_of::<Vec<u8>>() + part.len()).sum()
    }
}

impl HoledPage {
    /// The approximate size in memory, in bytes.
    pub fn weight(&self) -> usize {
        let texts: usize = self.texts.iter().map(Bytes::len).sum();
        // The batch is small in comparison: the context, and the props of a few components.
        texts + 2_048 + 512 * self.holes.len()
    }

    /// The texts around the holes. The finished page is text, filling, text, filling and so on, and
    /// ends with a text.
    pub fn texts(&self) -> &[Bytes] {
        &self.texts
    }

    /// Whether the page has links with the host that its visitor uses.
    pub fn names_address(&self) -> bool {
        self.holes
            .iter()
            .any(|hole| matches!(hole, Missing::Address))
    }

    /// The fillings of a visitor who calls the shop by this address, in order.
    pub fn addressed(&self, filling: &Filling, base_url: &str) -> Vec<Vec<u8>> {
        let parts = self.holes.iter().zip(&filling.parts);
        let part = |(hole, part): (&Missing, &Vec<u8>)| match hole {
            Missing::Address => base_url.as_bytes().to_vec(),
            _ => part.clone(),
        };
        parts.map(part).collect()
    }

    /// Renders the fillings for visitors with these stores, with one call into the module, or none
    /// if there are no holes. `host` must have the module of the page's BUILD.
    pub async fn fill(&self, host: &Host, stores: &Value) -> Result<Filling, PageError> {
        let mut failed = false;
        let rendered = match self.batch.islands.is_empty() {
            true => Rendered::default(),
            false => {
                let call = host.render_for(&self.batch, stores);
                call.instrument(guest_span(&self.batch)).await?
            }
        };
        let mut islands: Vec<Island<'_>> = Vec::new();
        let mut parts = Vec::with_capacity(self.holes.len());
        for hole in &self.holes {
            let mut html = Vec::new();
            match hole {
                Missing::Island {
                    index,
                    content,
                    instead,
                } => match rendered.islands.get(*index) {
                    Some(IslandOutcome::Done(done)) => {
                        let part = |range| {
                            let text: Option<&str> =
                                rendered.html.get::<std::ops::Range<usize>>(range);
                            text.unwrap_or_default().as_bytes()
                        };
                        let slot = done.slot.unwrap_or(done.html.end);
                        html.extend_from_slice(part(done.html.start..slot));
                        if done.slot.is_some() {
                            html.extend_from_slice(content);
                        }
                        html.extend_from_slice(part(slot..done.html.end));
                        if let Some(call) = self.batch.islands.get(*index)
                            && done.interactive
                            && call.hydrate != "none"
                        {
                            islands.push(Island {
                                id: &call.id,
                                c: &call.component,
                                h: &call.hydrate,
                                d: Some(snapshot::digest(done.digest)),
                                p: &call.props,
                            });
                        }
                    }
                    _ => {
                        failed = true;
                        if let Some(failed) = rendered.shown_failure(*index) {
                            html.extend_from_slice(failure_box::of(failed).as_bytes());
                        }
                        html.extend_from_slice(instead);
                    }
                },
                Missing::InBrowser {
                    id,
                    component,
                    directive,
                    props,
                } => islands.push(Island {
                    id,
                    c: component,
                    h: directive,
                    d: None,
                    p: props,
                }),
                Missing::Address => {}
                Missing::Snapshot => {
                    let islands = std::mem::take(&mut islands);
                    if !islands.is_empty() {
                        snapshot::write_fragment(&mut html, &self.build, stores, &islands)
                            .map_err(unwritable)?;
                    }
                }
            }
            parts.push(html);
        }
        Ok(Filling { parts, failed })
    }
}

impl Pages {
    /// Renders a page with holes in place of personal components; `personal` of the request is
    /// ignored. `None` if the page cannot be cached: a component failed, or personal components
    /// contain others or are contained in them.
    pub async fn render_with_holes(
        &self,
        request: PageRequest<'_>,
    ) -> Result<Option<HoledPage>, PageError> {
        let PageRequest {
            template,
            context,
            ctx,
            personal: _,
        } = request;
        let compiled = &self.templates;
        let Text { bytes, calls, ctx } = self.text(template, context, ctx, self.dev)?;

        let mut splice = tracing::debug_span!("splice")
            .in_scope(|| Splice::read(template, &bytes, &compiled.sites, calls, true))?;
        let (mut public, mut visitors) = splice.batches();
        public.ctx = ctx;
        let rendered = self.components(&public).await?;
        visitors.ctx = std::mem::take(&mut public.ctx);
        let _splicing = tracing::debug_span!("splice").entered();
        if rendered.has_failed() {
            return Ok(None);
        }

        let made = Made {
            batch: &public,
            rendered: &rendered,
        };
        let not_made = Made {
            batch: &visitors,
            rendered: &Rendered::default(),
        };
        let (live, _) = splice.live(made, not_made);
        let mut insertions = Insertions::default();
        // Which personal components hydrate is known only after rendering them; here it is known
        // that they may.
        let personal = splice.personal_directives();
        if !live.is_empty() || !personal.is_empty() {
            splice.check_places()?;
            let at_once = live
                .iter()
                .map(|island| island.site.hydrate)
                .chain(personal)
                .any(Hydrate::wants_module_at_once);
            insertions = self.insertions(&compiled.build, &visitors.ctx, &live, at_once)?;
        }
        let finished = splice.finish_with_holes(made, not_made, &insertions, MAX_PAGE_BYTES)?;
        let Some(WithCuts { html, cuts }) = finished else {
            return Ok(None);
        };
        let html = Bytes::from(html);
        let mut texts = Vec::with_capacity(cuts.len() + 1);
        let mut holes = Vec::with_capacity(cuts.len());
        let mut from = 0;
        for cut in cuts {
            texts.push(html.slice(from..cut.at));
            from = cut.at;
            holes.push(cut.what);
        }
        texts.push(html.slice(from..));
        // The host is part of every filling.
        visitors.ctx = visitors.ctx.shared().map_err(GuestError::from)?;
        Ok(Some(HoledPage {
            texts,
            holes,
            batch: visitors,
            build: compiled.build.clone(),
        }))
    }
}
