//! Addresses as visitors, other software and advertisers write them.

use axum::http::Request;

use super::visitor::{Visitor, something_to_buy, visit};

#[test]
fn addresses_that_are_written_in_another_way_lead_to_the_page() {
    visit(async {
        let (handle, _) = something_to_buy().await;
        for (path, to) in [
            (
                format!("/products/{handle}/"),
                format!("/products/{handle}"),
            ),
            (
                format!("/Products/{}", handle.to_uppercase()),
                format!("/products/{handle}"),
            ),
            (
                format!("/products/{handle}/?variant=1&Size=XL"),
                format!("/products/{handle}?variant=1&Size=XL"),
            ),
            (
                format!("/collections/all/products/{handle}?x=Y"),
                format!("/products/{handle}?x=Y"),
            ),
            ("/collections".to_owned(), "/collections/all".to_owned()),
            (
                "/collections/?sort=price-asc".to_owned(),
                "/collections/all?sort=price-asc".to_owned(),
            ),
            (
                "/products?utm_source=x".to_owned(),
                "/collections/all?utm_source=x".to_owned(),
            ),
            (
                "/collections/ALL/".to_owned(),
                "/collections/all".to_owned(),
            ),
            ("/cart/".to_owned(), "/cart".to_owned()),
            ("/SEARCH?q=Fork".to_owned(), "/search?q=Fork".to_owned()),
        ] {
            let moved = Visitor::new().opens(&path).await.is(301);
            assert_eq!(moved.header("location"), to, "{path}");
            Visitor::new()
                .opens(moved.header("location"))
                .await
                .shows("</html>");
        }
        for path in [
            format!("/products/{handle}"),
            "/collections/all".to_owned(),
            "/cart".to_owned(),
        ] {
            Visitor::new().opens(&path).await.is(200);
        }
        for path in [
            "/products/no-such-thing",
            "/static/Nothing.css",
            "/_protium/Nothing/",
            "/nothing",
        ] {
            Visitor::new().opens(path).await.is(404);
        }
        let form = Visitor::new()
            .submits("/cart/add/", &[("variant_id", "1")])
            .await;
        assert_eq!(form.status, 404, "a form is not sent on as something else");
    });
}

#[test]
fn what_advertisers_add_makes_no_other_page() {
    visit(async {
        let (handle, _) = something_to_buy().await;
        let path = format!("/products/{handle}");
        Visitor::new().opens(&path).await.is(200);
        for added in [
            "irclickid=1",
            "_pos=1&_sid=2&_ss=r",
            "gad_campaignid=1&gad_source=2",
            "gclid=x",
            "utm_x=1",
            "FBCLID=1",
        ] {
            let page = Visitor::new()
                .opens(&format!("{path}?{added}"))
                .await
                .is(200);
            assert!(page.header("cache-status").contains("; hit"), "{added}");
        }
    });
}

#[test]
fn no_request_for_a_public_page_has_it_made_again() {
    visit(async {
        let path = "/collections/all?sort=title-desc";
        Visitor::new().opens(path).await.is(200);
        for (header, value) in [
            ("range", "bytes=0-9"),
            ("range", "bytes=9-1,-5"),
            ("authorization", "Basic eA=="),
            ("authorization", "Bearer x"),
            ("cache-control", "no-cache, no-store"),
            ("pragma", "no-cache"),
        ] {
            let request = Request::get(path).header(header, value);
            let page = Visitor::new()
                .sends(request, "")
                .await
                .is(200)
                .shows("</html>");
            assert!(page.header("cache-status").contains("; hit"), "{header}");
            assert_eq!(page.header("content-range"), "");
        }
        for query in [
            "&x=%FF",
            "&%ff=1",
            "&x=%00",
            &format!("&x={}", "y".repeat(4_000)),
        ] {
            let page = Visitor::new()
                .opens(&format!("{path}{query}"))
                .await
                .is(200);
            assert!(page.header("cache-status").contains("; hit"), "{query}");
        }
    });
}

#[test]
fn who_takes_no_form_of_an_answer_gets_none() {
    visit(async {
        for path in [
            "/",
            "/collections/all",
            "/search?q=a",
            "/cart",
            "/static/theme.css",
        ] {
            for (accept, status) in [
                ("identity;q=0", 406),
                ("*;q=0", 406),
                ("gzip, identity;q=0", 200),
                ("gzip;q=0", 200),
            ] {
                let request = Request::get(path).header("accept-encoding", accept);
                let answer = Visitor::new().sends(request, "").await.is(status);
                if accept.starts_with("gzip, ") {
                    assert_eq!(answer.header("content-encoding"), "gzip", "{path}");
                }
            }
        }
    });
}
