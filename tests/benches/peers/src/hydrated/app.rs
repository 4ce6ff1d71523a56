//! The document around all pages, and their routes.

use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::Shop;

use super::page::ProductPage;

pub fn shell(options: LeptosOptions, shop: &Shop) -> impl IntoView + use<> {
    view! {
        <!DOCTYPE html>
        <html lang=shop.locale.clone() dir=shop.direction.clone()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href=shop.icon.clone() type="image/svg+xml"/>
                <link rel="stylesheet" href=shop.stylesheet.clone()/>
                <HydrationScripts options islands=cfg!(feature = "islands")/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=|| "Not found">
                // Of all modes the fastest for a page whose data is there: it is sent in one piece.
                <Route path=path!("/products/:handle") view=ProductPage ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}
