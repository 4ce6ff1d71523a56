//! The page of results says what was made of the query.

use super::visitor::{Visitor, visit};

#[test]
fn a_misspelt_query_is_said_and_offered_as_it_was_typed() {
    visit(async {
        let mut visitor = Visitor::new();
        visitor
            .opens("/search?q=trowle")
            .await
            .is(200)
            .shows("Showing results for “\u{2068}trowel\u{2069}”")
            .shows("<input type=\"hidden\" name=\"exact\" value=\"1\">")
            .shows("Search for “\u{2068}trowle\u{2069}” instead")
            .shows("/products/");
        visitor
            .opens("/search?q=trowle&exact=1")
            .await
            .is(200)
            .shows("Nothing for “\u{2068}trowle\u{2069}”")
            .hides("Showing results for “\u{2068}trow");
        let suggested = visitor
            .asks_for_json("/search/suggest?q=trowle")
            .await
            .is(200)
            .json();
        assert_eq!(suggested["corrected"], "trowel");
        assert_eq!(suggested["partial"], false);
    });
}

#[test]
fn a_query_that_no_product_has_all_words_of_shows_those_that_have_some() {
    visit(async {
        let mut visitor = Visitor::new();
        visitor
            .opens("/search?q=titanium+trowel")
            .await
            .is(200)
            .shows(">No product has all words; these have some.")
            .shows("/products/narrow-trowel");
        visitor
            .opens("/search?q=trowel")
            .await
            .is(200)
            .hides(">No product has all words");
    });
}
