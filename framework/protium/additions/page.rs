//! The page /pages/__name__.

mod running;

use running::Running;

#[test]
fn the_page_is_there() {
    let page = Running::start().get("/pages/__name__");
    assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
    assert!(page.contains("__title__</h1>"), "{page}");
}
