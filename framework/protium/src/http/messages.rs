//! The theme's English messages, which are part of the program: for errors of requests whose market
//! is not known, and of edge nodes.

use std::sync::LazyLock;

use http::StatusCode;

use protium_page::MessageFiles;
use protium_types::locale::Locale;

/// The messages.
pub static BUILT_IN: LazyLock<MessageFiles> = LazyLock::new(|| {
    let mut files = MessageFiles::default();
    let source = include_str!("../../theme/messages/en.json");
    files.add("en", source).expect("the theme's own file");
    files
});

/// The locale that they are written in.
pub static ENGLISH: LazyLock<Locale> =
    LazyLock::new(|| Locale::new("en-US", "USD").expect("a locale of the embedded data"));

/// The headline of an error's page.
pub fn headline(status: StatusCode, messages: &MessageFiles, locale: &Locale) -> String {
    let key = match status {
        StatusCode::NOT_FOUND => "error.headline.not_found",
        StatusCode::FORBIDDEN => "error.headline.forbidden",
        StatusCode::METHOD_NOT_ALLOWED => "error.headline.method_not_allowed",
        StatusCode::SERVICE_UNAVAILABLE => "error.headline.busy",
        status if status.is_client_error() => "error.headline.refused",
        _ => "error.headline.internal",
    };
    messages.text(locale, key, &|_| None).unwrap_or_default()
}
