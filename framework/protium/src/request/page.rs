//! A page as handlers answer with it: a template and its data. It is rendered after the handler has
//! returned, so that the page cache can render it without a visitor and store it.

use std::borrow::Cow;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use crate::http::freshness::Audience;
use crate::request::declared_params::DeclaredParams;
use crate::request::session::Session;
use protium_page::{COMPONENT_PROPS, component_template};
use protium_types::{Tag, Url};

/// A page of the shop: a template, its data, and what is to be known about it.
///
/// ```
/// use protium::prelude::*;
///
/// async fn post(Path(slug): Path<String>) -> Page {
///     Page::new("journal.html")
///         .data("slug", &slug)
///         .header("x-reading-time", "4")
///         .tag(Tag::new("post", &slug))
///         .fresh_for(minutes(10))
/// }
/// ```
///
/// A page is public, and cached until one of its tags is purged or its freshness ends, unless its
/// handler extracts [`Visitor`](crate::Visitor) or raw headers, a cookie is set, or it says
/// [`Page::private`] or [`Page::uncached`].
#[derive(Clone, Debug)]
#[must_use = "a page is rendered when a handler returns it"]
pub struct Page {
    pub(crate) template: Cow<'static, str>,
    pub(crate) context: tera::Context,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) tags: Vec<Tag>,
    pub(crate) fresh_for: Option<Duration>,
    pub(crate) audience: Audience,
    pub(crate) canonical: Option<Url>,
    pub(crate) shown_at: Option<Url>,
    pub(crate) declared: Option<DeclaredParams>,
    pub(crate) session: Option<Session>,
}

impl Page {
    /// A page of this template, with the status 200.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// async fn about() -> Page {
    ///     Page::new("about.html")
    /// }
    /// ```
    pub fn new(template: impl Into<Cow<'static, str>>) -> Page {
        Page {
            template: template.into(),
            context: tera::Context::new(),
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            tags: Vec::new(),
            fresh_for: None,
            audience: Audience::Everybody,
            canonical: None,
            shown_at: None,
            declared: None,
            session: None,
        }
    }

    /// The HTML of one component and nothing around it, for a page that is made elsewhere: rendered
    /// by the server, and not brought to life by the browser. `props` has a value for each prop of
    /// the component, by the names that its `Bind` gives them.
    ///
    /// ```
    /// use protium::prelude::*;
    /// use protium::serde_json::json;
    ///
    /// async fn stock(Path(sku): Path<String>, catalogue: Catalogue) -> Result<Page> {
    ///     let found = catalogue.variant_by_sku(&sku).await?.or_not_found()?;
    ///     let variant = found.variant().or_not_found()?;
    ///     Ok(Page::component("stock-level", &json!({ "pieces": variant.quantity })))
    /// }
    ///
    /// let app = App::new(".").page("/components/stock/{sku}", stock);
    /// ```
    pub fn component(name: &str, props: &impl Serialize) -> Page {
        Page::new(component_template(name)).data(COMPONENT_PROPS, props)
    }

    /// With a value for the template.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// let page = Page::new("tides.html").data("hours", &[3, 9, 15, 21]);
    /// ```
    pub fn data(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: &(impl Serialize + ?Sized),
    ) -> Page {
        self.context.insert(name, value);
        self
    }

    /// With a value that is the template's already.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// let hours = protium::tera::Value::from_serializable(&[3, 9, 15, 21]);
    /// let page = Page::new("tides.html").value("hours", hours);
    /// ```
    pub fn value(mut self, name: impl Into<Cow<'static, str>>, value: tera::Value) -> Page {
        self.context.insert_value(name, value);
        self
    }

    /// With every field of a struct, or every entry of a map, as a value for the template.
    ///
    /// ```
    /// use protium::prelude::*;
    /// use protium::serde_json::json;
    ///
    /// fn tides() -> Result<Page> {
    ///     Ok(Page::new("tides.html").fields(&json!({ "port": "Whitby", "high": 9 }))?)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// What is neither a struct nor a map with texts as keys has no names.
    pub fn fields(mut self, record: &impl Serialize) -> Result<Page, tera::Error> {
        self.context.extend(tera::Context::from_serialize(record)?);
        Ok(self)
    }

    /// With another status. A page of another status than 200 is not cached.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// let page = Page::new("sold-out.html").status(StatusCode::GONE);
    /// ```
    pub fn status(mut self, status: StatusCode) -> Page {
        self.status = status;
        self
    }

    /// With a header of the answer, which comes out of the page cache too. A header that is no
    /// valid one is left out, and an error is logged.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// let page = Page::new("journal.html").header("x-reading-time", "4");
    /// ```
    pub fn header(
        mut self,
        name: impl TryInto<HeaderName>,
        value: impl TryInto<HeaderValue>,
    ) -> Page {
        match (name.try_into(), value.try_into()) {
            (Ok(name), Ok(value)) => {
                self.headers.append(name, value);
            }
            _ => tracing::error!(
                template = &*self.template,
                "a header of a page is not valid"
            ),
        }
        self
    }

    /// Depends on this: a purge of the tag purges the page.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// let page = Page::new("journal.html").tag(Tag::new("post", "moss"));
    /// ```
    pub fn tag(mut self, tag: Tag) -> Page {
        self.tags.push(tag);
        self
    }

    /// Is fresh for this long; the shortest of all its data counts.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// let page = Page::new("tides.html").fresh_for(hours(1)).fresh_for(minutes(10));
    /// ```
    pub fn fresh_for(mut self, time: Duration) -> Page {
        self.fresh_for = Some(self.fresh_for.map_or(time, |known| known.min(time)));
        self
    }

    /// Is for one visitor (`Cache-Control: private, no-cache`): only the browser may store it, and
    /// revalidates it each time.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// let page = Page::new("wish-list.html").private();
    /// ```
    pub fn private(mut self) -> Page {
        self.audience = self.audience.max(Audience::OneVisitor);
        self
    }

    /// Is made for every request (`Cache-Control: private, no-store`): not even the browser stores
    /// it.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// let page = Page::new("dice.html").data("eyes", &4).uncached();
    /// ```
    pub fn uncached(mut self) -> Page {
        self.audience = Audience::OneRequest;
        self
    }

    /// The address that the page is known by, where it is not its path alone.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// let page = Page::new("journal.html").canonical(Url::path_of(&["journal", "moss"]));
    /// ```
    pub fn canonical(mut self, url: Url) -> Page {
        self.canonical = Some(url);
        self
    }

    /// Is shown as if it stood at this address: of a page that answers a form which was on another
    /// one.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// let form = Url::path_of(&["contact"]);
    /// let page = Page::new("contact.html").data("notice", "Who are you?").shown_at(form);
    /// ```
    pub fn shown_at(mut self, url: Url) -> Page {
        self.shown_at = Some(url);
        self
    }

    /// Has these parameters and no others: for a page whose parameters depend on its data.
    pub(crate) fn declares(mut self, declared: DeclaredParams) -> Page {
        self.declared = Some(declared);
        self
    }

    /// Is shown with this session in place of the one that the request came with.
    pub(crate) fn with_session(mut self, session: Session) -> Page {
        self.session = Some(session);
        self
    }

    /// The page that a handler answered with; `None` for any other answer.
    pub(crate) fn take(response: &mut Response) -> Option<Page> {
        let mut page = response.extensions_mut().remove::<Box<Page>>()?;
        // Layers between the handler and this may have added to both.
        page.status = response.status();
        page.headers = std::mem::take(response.headers_mut());
        Some(*page)
    }
}

impl IntoResponse for Page {
    fn into_response(mut self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        *response.headers_mut() = std::mem::take(&mut self.headers);
        response.extensions_mut().insert(Box::new(self));
        response
    }
}
