//! Claims: what a handler writes into the visitor's cookie, the next request reads.

use axum::http::Method;
use protium::prelude::*;
use protium::serde::{Deserialize, Serialize};
use protium::{Claim, Consent};

use super::{Directory, router, runtime};
use crate::cache::premises::{get, send_body};

const FILES: &[(&str, &str)] = &[(
    "templates/reading.html",
    "<!doctype html><title>x</title><p>size {{ size }}, counted {{ is_counted }}</p>",
)];

#[derive(Serialize, Deserialize)]
#[serde(crate = "protium::serde")]
struct FontSize(u8);

impl Claim for FontSize {
    const NAME: &'static str = "font-size";
    const VERSION: u32 = 1;
}

async fn reading(visitor: Visitor) -> Page {
    let size = visitor.claim::<FontSize>().map_or(0, |size| size.0);
    let is_counted = visitor.consent().is_some_and(|consent| consent.analytics);
    Page::new("reading.html")
        .data("size", &size)
        .data("is_counted", &is_counted)
}

async fn choose(visitor: Visitor) -> Result<impl IntoResponse> {
    let consent = Consent {
        analytics: true,
        ..Consent::default()
    };
    let visitor = visitor.with_claim(&FontSize(20))?.with_consent(consent);
    Ok((visitor, Redirect::to("/reading")))
}

async fn signed_in(visitor: Visitor) -> String {
    visitor
        .customer()
        .map_or("nobody", |customer| &customer.id)
        .to_owned()
}

#[test]
fn a_claim_is_read_by_the_next_request_and_decides_nothing_else() {
    let directory = Directory::new(FILES);
    let app = directory
        .app()
        .page("/reading", reading)
        .route("/choose", axum::routing::post(choose))
        .route("/api/signed-in", axum::routing::get(signed_in));
    runtime().block_on(async {
        let router = router(app).await;
        let page = async |cookie: &str| {
            let page = get(&router, "/reading", &[("cookie", cookie)]).await;
            assert_eq!(page.header("cache-control"), "private, no-cache");
            page.text()
        };
        assert!(page("").await.contains("size 0, counted false"));

        let from_here = [("sec-fetch-site", "same-origin")];
        let chosen = send_body(&router, Method::POST, "/choose", &from_here, "").await;
        assert_eq!(chosen.status, StatusCode::SEE_OTHER, "{}", chosen.text());
        let set = chosen.header("set-cookie");
        assert!(
            set.contains("HttpOnly") && set.contains("SameSite=Lax"),
            "{set}"
        );
        let cookie = set.split(';').next().expect("a cookie").to_owned();
        assert!(page(&cookie).await.contains("size 20, counted true"));

        // Nobody is signed in by that, and a cookie that was written by hand claims nothing.
        let who = get(&router, "/api/signed-in", &[("cookie", &cookie)]).await;
        assert_eq!(who.text(), "nobody");
        let (name, value) = cookie.split_once('=').expect("name and value");
        let at = value.rfind("2.").expect("the second format") + 4;
        let other = if value.as_bytes()[at] == b'A' {
            "B"
        } else {
            "A"
        };
        let mut forged = value.to_owned();
        forged.replace_range(at..=at, other);
        let forged = format!("{name}={forged}");
        assert!(page(&forged).await.contains("size 0, counted false"));

        // Pages that are the same for everyone are the same bytes for a visitor with claims.
        let for_nobody = get(&router, "/collections/all", &[]).await;
        let for_visitor = get(&router, "/collections/all", &[("cookie", &cookie)]).await;
        assert!(for_visitor.header("cache-status").contains("; hit"));
        assert_eq!(for_visitor.text(), for_nobody.text());
        assert!(!for_visitor.header("cache-control").contains("private"));
    });
}
