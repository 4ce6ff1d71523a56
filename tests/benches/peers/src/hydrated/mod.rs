//! The product page in leptos, as its template `start-axum` sets a shop up: a router, meta tags, a
//! server function whose answer travels with the page, and components that the browser hydrates.
//!
//! With the feature `islands` only the interactive components are hydrated, each with its own
//! properties.

mod app;
mod card;
mod chosen;
mod chrome;
mod form;
mod gallery;
mod page;
mod price;
mod search;

use std::sync::Arc;

use axum::Router;
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes, generate_route_list};

use crate::Data;

use app::{App, shell};

/// The shop's routes.
pub fn router(data: Arc<Data>) -> Router {
    let options = LeptosOptions::builder().output_name("peers").build();
    let routes = generate_route_list(App);
    let context = {
        let data = data.clone();
        move || provide_context(data.clone())
    };
    let document = {
        let options = options.clone();
        move || shell(options.clone(), &data.shop)
    };
    Router::new()
        .leptos_routes_with_context(&options, routes, context, document)
        .with_state(options)
}
