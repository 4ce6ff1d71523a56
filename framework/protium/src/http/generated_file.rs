//! A file that the shop's program has made.

use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;

use crate::http::assets::{self, Asset};

/// A file that the shop's program has made, such as an image of columns for the browser's filter.
/// Its name changes with its content, so that browsers and proxies keep it for a year; it is
/// compressed once. Clones share it.
///
/// ```
/// use protium::GeneratedFile;
/// use protium::prelude::*;
///
/// #[derive(Clone)]
/// struct Sizes(GeneratedFile);
///
/// async fn page(State(Sizes(sizes)): State<Sizes>) -> Page {
///     Page::new("sizes.html").data("sizes", &format!("/sizes/{}", sizes.name()))
/// }
///
/// async fn file(
///     Path(name): Path<String>,
///     State(Sizes(sizes)): State<Sizes>,
///     headers: HeaderMap,
/// ) -> Result<Response> {
///     let sizes = Some(sizes).filter(|sizes| sizes.name() == name);
///     Ok(sizes.or_not_found()?.respond(&headers).await)
/// }
///
/// let sizes = GeneratedFile::new("sizes.csv", "EU,UK\n38,5\n");
/// let app = App::new(".")
///     .state(Sizes(sizes))
///     .page("/sizes", page)
///     .route("/sizes/{name}", get(file));
/// ```
#[derive(Clone, Debug)]
pub struct GeneratedFile {
    name: String,
    asset: Arc<Asset>,
}

impl GeneratedFile {
    /// Of this content. The content type follows from the ending of the name: `.bin` for bytes.
    pub fn new(name: &str, content: impl Into<Bytes>) -> GeneratedFile {
        let asset = Asset::new(name, content);
        GeneratedFile {
            name: assets::hashed_url(name, &asset.hash()),
            asset: Arc::new(asset),
        }
    }

    /// The name with a digest of the content: `columns-0123456789.bin`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The response to a request with these headers: compressed as it accepts, or 304.
    pub async fn respond(&self, request: &HeaderMap) -> Response {
        assets::respond(Arc::clone(&self.asset), true, request).await
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, ETAG, IF_NONE_MATCH};

    use super::*;

    #[tokio::test]
    async fn a_large_file_is_compressed_and_kept_by_its_name() {
        let file = GeneratedFile::new("columns.bin", vec![7; 3 << 20]);
        assert!(file.name().starts_with("columns-") && file.name().ends_with(".bin"));
        let mut asked = HeaderMap::new();
        asked.insert(ACCEPT_ENCODING, "br".parse().expect("a header"));
        let response = file.respond(&asked).await;
        assert_eq!(response.headers()[CONTENT_ENCODING], "br");
        assert_eq!(
            response.headers()[CACHE_CONTROL],
            "public, max-age=31536000, immutable"
        );
        asked.insert(IF_NONE_MATCH, response.headers()[ETAG].clone());
        let again = file.respond(&asked).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        let other = GeneratedFile::new("columns.bin", vec![8; 3 << 20]);
        assert_ne!(other.name(), file.name());
    }
}
