//! The shop from outside, as a browser asks it.

mod running;

use running::Running;

#[test]
fn the_first_page_has_the_counter() {
    let page = Running::start().get("/");
    assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
    for part in ["data-go-id=\"counter-1\"", "0 clicks"] {
        assert!(page.contains(part), "{part} is not in:\n{page}");
    }
}
