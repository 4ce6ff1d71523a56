//! Handlers of pages, and what the types of their extractors say about who the page is for.

use std::any::TypeId;

use axum::extract::Request;
use axum::handler::Handler;
use http::HeaderMap;
use http::request::Parts;

use crate::app::Shop;
use crate::http::freshness::Audience;
use crate::request::services::Carts;
use crate::request::visitor::Visitor;

/// A handler of a page: any axum handler of up to eight extractors. Who extracts
/// [`Visitor`](crate::Visitor) or [`Carts`](crate::Carts) answers for one visitor; who extracts raw
/// headers or the whole request answers for one request. Extractors of a shop's own that use them
/// inside have the same effect, noticed when they run.
///
/// ```
/// use protium::PageHandler;
/// use protium::prelude::*;
///
/// /// Every page of a handbook stands at two addresses.
/// fn handbook<T: 'static>(app: App, path: &str, handler: impl PageHandler<T> + Clone) -> App {
///     let short = path.replace("/handbook/", "/h/");
///     app.page(path, handler.clone()).page(&short, handler)
/// }
/// ```
pub trait PageHandler<T>: Handler<T, Shop> {
    /// The types of its extractors.
    fn extractors() -> Vec<TypeId>;
}

/// Who the pages of this handler are for, by the types of its extractors.
pub(crate) fn audience<H: PageHandler<T>, T>() -> Audience {
    let extractors = H::extractors();
    let takes = |types: &[TypeId]| extractors.iter().any(|one| types.contains(one));
    let raw = [
        TypeId::of::<HeaderMap>(),
        TypeId::of::<Parts>(),
        TypeId::of::<Request>(),
    ];
    if takes(&raw) {
        Audience::OneRequest
    } else if takes(&[TypeId::of::<Visitor>(), TypeId::of::<Carts>()]) {
        Audience::OneVisitor
    } else {
        Audience::Everybody
    }
}

impl<H: Handler<((),), Shop>> PageHandler<((),)> for H {
    fn extractors() -> Vec<TypeId> {
        Vec::new()
    }
}

macro_rules! page_handler {
    ($($extractor:ident),+) => {
        impl<H, M, $($extractor: 'static),+> PageHandler<(M, $($extractor,)+)> for H
        where
            H: Handler<(M, $($extractor,)+), Shop>,
        {
            fn extractors() -> Vec<TypeId> {
                vec![$(TypeId::of::<$extractor>()),+]
            }
        }
    };
}

page_handler!(A);
page_handler!(A, B);
page_handler!(A, B, C);
page_handler!(A, B, C, D);
page_handler!(A, B, C, D, E);
page_handler!(A, B, C, D, E, F);
page_handler!(A, B, C, D, E, F, G);
page_handler!(A, B, C, D, E, F, G, I);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::page::Page;

    fn audience_of<H: PageHandler<T>, T>(_: H) -> Audience {
        audience::<H, T>()
    }

    #[test]
    fn the_types_of_extractors_say_who_a_page_is_for() {
        async fn public() -> Page {
            Page::new("a.html")
        }
        async fn private(_: Shop, _: Visitor) -> Page {
            Page::new("a.html")
        }
        async fn raw(_: Visitor, _: HeaderMap) -> Page {
            Page::new("a.html")
        }
        assert_eq!(audience_of(public), Audience::Everybody);
        assert_eq!(audience_of(private), Audience::OneVisitor);
        assert_eq!(audience_of(raw), Audience::OneRequest);
        assert_eq!(audience_of(async |_: Request| "text"), Audience::OneRequest);
    }
}
