//! One file: its content type, its `ETag`, its compressed forms, and the response for it.

use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use sha2::{Digest, Sha256};

use crate::http::error::HttpError;
use crate::http::freshness;
use protium_cache::http::Accepted;
use protium_types::hex;

/// One file.
#[derive(Debug)]
pub struct Asset {
    body: Bytes,
    content_type: &'static str,
    etag: HeaderValue,
    brotli: OnceLock<Option<Bytes>>,
    gzip: OnceLock<Option<Bytes>>,
}

/// A compressed form of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Brotli,
    Gzip,
}

impl Asset {
    /// A file whose content type follows from its extension.
    pub fn new(name: &str, body: impl Into<Bytes>) -> Asset {
        let body = body.into();
        let etag = freshness::etag(&body);
        Asset {
            content_type: content_type(name),
            etag,
            body,
            brotli: OnceLock::new(),
            gzip: OnceLock::new(),
        }
    }

    /// A file that is already compressed.
    pub fn compressed(name: &str, body: Bytes, brotli: Bytes, gzip: Bytes) -> Asset {
        let asset = Asset::new(name, body);
        Asset {
            brotli: OnceLock::from(Some(brotli)),
            gzip: OnceLock::from(Some(gzip)),
            ..asset
        }
    }

    /// Its content.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Ten hex digits of the content's SHA-256.
    pub(crate) fn hash(&self) -> String {
        hex(&Sha256::digest(&self.body)[..5])
    }

    pub(crate) fn is_picture(&self) -> bool {
        self.content_type.starts_with("image/")
    }

    fn compressible(&self) -> bool {
        self.body.len() > 512
            && (self.content_type.starts_with("text/")
                || ["javascript", "json", "svg", "wasm"]
                    .iter()
                    .any(|kind| self.content_type.contains(kind)))
    }

    /// The file in this form; `None` if that would not be smaller.
    pub(crate) fn encoded(&self, coding: Coding) -> Option<&Bytes> {
        let cell = match coding {
            Coding::Brotli => &self.brotli,
            Coding::Gzip => &self.gzip,
        };
        let encode = |bytes: &[u8]| match coding {
            Coding::Brotli => brotli(bytes),
            Coding::Gzip => gzip(bytes),
        };
        cell.get_or_init(|| {
            let encoded = self.compressible().then(|| encode(&self.body)).flatten()?;
            (encoded.len() < self.body.len()).then(|| encoded.into())
        })
        .as_ref()
    }

    fn is_ready(&self) -> bool {
        !self.compressible() || (self.brotli.get().is_some() && self.gzip.get().is_some())
    }
}

/// The response to a request for the file. `immutable`: its address changes with its content.
pub async fn respond(asset: Arc<Asset>, immutable: bool, request: &HeaderMap) -> Response {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(ETAG, asset.etag.clone());
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static(if immutable {
            "public, max-age=31536000, immutable"
        } else {
            "public, no-cache"
        }),
    );
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if freshness::matches(request, &asset.etag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let Some((body, coding)) = choose(asset, Accepted::of(request)).await else {
        return HttpError::of_status(StatusCode::NOT_ACCEPTABLE).into_response();
    };
    if let Some(coding) = coding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    *response.body_mut() = Body::from(body);
    response
}

/// The smallest form of the file that the client accepts; `None` if it accepts none.
async fn choose(asset: Arc<Asset>, accepted: Accepted) -> Option<(Bytes, Option<&'static str>)> {
    let plain = accepted.identity.then(|| (asset.body.clone(), None));
    let forms = [
        (accepted.brotli, Coding::Brotli, "br"),
        (accepted.gzip, Coding::Gzip, "gzip"),
    ];
    let pick = move |asset: &Asset| {
        let mut taken = forms.into_iter().filter(|(is_taken, ..)| *is_taken);
        taken.find_map(|(_, coding, name)| Some((asset.encoded(coding)?.clone(), Some(name))))
    };
    let encoded = match asset.is_ready() {
        true => pick(&asset),
        false => tokio::task::spawn_blocking(move || pick(&asset))
            .await
            .unwrap_or_default(),
    };
    encoded.or(plain)
}

fn brotli(bytes: &[u8]) -> Option<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    let mut encoded = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut encoded, &params).ok()?;
    Some(encoded)
}

fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

fn content_type(name: &str) -> &'static str {
    let ending = name
        .rsplit('.')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    match ending.as_str() {
        "avif" => "image/avif",
        "css" => "text/css; charset=utf-8",
        "gif" => "image/gif",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "jpeg" | "jpg" => "image/jpeg",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "mp4" => "video/mp4",
        "otf" => "font/otf",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "ttf" => "font/ttf",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webm" => "video/webm",
        "webmanifest" => "application/manifest+json",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "xml" => "application/xml",
        _ => "application/octet-stream",
    }
}
