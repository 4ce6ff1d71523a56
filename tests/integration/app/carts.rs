//! Carts of the shop's own.

use std::sync::Arc;

use axum::http::Method;
use protium::commerce::{
    Cart, CartError, CartId, Carts as Provider, Context, LineChange, NewLine, ProviderError,
};
use protium::prelude::*;

use super::{Directory, router, runtime};
use crate::cache::premises::{get, send_body};

/// The embedded carts, in which everything comes in pairs.
struct Pairs(Arc<dyn Provider>);

#[protium::async_trait]
impl Provider for Pairs {
    async fn cart(
        &self,
        context: &Context,
        id: &CartId,
    ) -> std::result::Result<Option<Cart>, ProviderError> {
        self.0.cart(context, id).await
    }

    async fn add_line(
        &self,
        context: &Context,
        id: Option<&CartId>,
        line: NewLine,
    ) -> std::result::Result<Cart, CartError> {
        let quantity = 2 * line.quantity;
        self.0
            .add_line(context, id, NewLine { quantity, ..line })
            .await
    }

    async fn change_line(
        &self,
        context: &Context,
        id: &CartId,
        line: i64,
        change: LineChange,
    ) -> std::result::Result<Cart, CartError> {
        self.0.change_line(context, id, line, change).await
    }

    async fn remove(
        &self,
        context: &Context,
        id: &CartId,
        line: i64,
    ) -> std::result::Result<Cart, CartError> {
        self.0.remove(context, id, line).await
    }
}

/// How many things the extractor finds in the visitor's cart.
async fn count(carts: Carts) -> Result<String> {
    let cart = carts.cart().await?;
    Ok(cart.map_or(0, |cart| cart.count).to_string())
}

#[test]
fn carts_of_the_shops_own_take_the_place_of_the_embedded_ones() {
    let directory = Directory::new(&[]);
    let connect = async |setup: Setup| Ok::<_, std::io::Error>(Pairs(setup.carts));
    let app = directory
        .app()
        .carts(connect)
        .route("/api/count", axum::routing::get(count));
    runtime().block_on(async {
        let router = router(app).await;
        let page = get(&router, "/products/hand-fork", &[]).await.text();
        let variant = page.split("name=\"variant_id\" value=\"").nth(1);
        let variant = variant
            .and_then(|rest| rest.split('"').next())
            .expect("a variant");
        let form = [
            ("sec-fetch-site", "same-origin"),
            ("accept", "application/json"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let body = format!("variant_id={variant}&quantity=1");
        let added = send_body(&router, Method::POST, "/cart/add", &form, &body).await;
        assert_eq!(added.json()["count"], 2, "{}", added.text());
        let cookie = added
            .header("set-cookie")
            .split(';')
            .next()
            .expect("a cookie")
            .to_owned();
        let counted = get(&router, "/api/count", &[("cookie", &cookie)]).await;
        assert_eq!(counted.text(), "2");
        assert_eq!(counted.header("cache-control"), "private, no-cache");
        assert_eq!(get(&router, "/api/count", &[]).await.text(), "0");
    });
}
