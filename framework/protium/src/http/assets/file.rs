//! One file: its content type, its `ETag`, its compressed forms, and the response for it.

use std::io;
use std::path::{Path, PathBuf};
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
use protium_cache::http::{Accepted, Coding, body};
use protium_types::hex;

type Encode = fn(&[u8]) -> io::Result<Vec<u8>>;

/// Bytes from which on a file is compressed at a speed of tens of megabytes a second.
const LARGE: usize = 1 << 20;

/// One file.
#[derive(Debug)]
pub struct Asset {
    body: Bytes,
    content_type: HeaderValue,
    etag: HeaderValue,
    brotli: OnceLock<Option<Bytes>>,
    gzip: OnceLock<Option<Bytes>>,
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

    /// The same file, whose compressed forms are made already.
    pub fn with_compressed(self, brotli: Bytes, gzip: Bytes) -> Asset {
        Asset {
            brotli: OnceLock::from(Some(brotli)),
            gzip: OnceLock::from(Some(gzip)),
            ..self
        }
    }

    /// The same file, which is always sent as it is.
    pub fn never_compressed(self) -> Asset {
        Asset {
            brotli: OnceLock::from(None),
            gzip: OnceLock::from(None),
            ..self
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

    /// Where a folder has the file in a coding.
    fn compressed_file(&self, folder: &Path, coding: Coding) -> Option<PathBuf> {
        let ending = coding.header()?;
        let name = hex(&Sha256::digest(&self.body));
        Some(folder.join(format!("{name}.{}", ending.to_str().ok()?)))
    }

    /// Takes the compressed forms that are in a folder.
    pub(super) fn read_compressed(&self, folder: &Path) {
        for (cell, coding) in [(&self.brotli, Coding::Brotli), (&self.gzip, Coding::Gzip)] {
            let file = self.compressed_file(folder, coding);
            if let Some(Ok(bytes)) = file.map(std::fs::read) {
                // What is compressed already stays.
                let _ = cell.set(Some(bytes.into()));
            }
        }
    }

    /// Writes the compressed forms into a folder.
    pub(super) fn write_compressed(&self, folder: &Path) -> std::io::Result<()> {
        for coding in [Coding::Brotli, Coding::Gzip] {
            let file = self.compressed_file(folder, coding);
            if let (Some(file), Some(bytes)) = (file, self.encoded(coding)) {
                std::fs::write(file, bytes)?;
            }
        }
        Ok(())
    }

    pub(crate) fn is_picture(&self) -> bool {
        self.content_type.as_bytes().starts_with(b"image/")
    }

    fn compressible(&self) -> bool {
        self.body.len() > 512
            && self.content_type.to_str().is_ok_and(|kind| {
                let kinds = ["text/", "javascript", "json", "xml", "wasm", "octet-stream"];
                kinds.iter().any(|part| kind.contains(part))
            })
    }

    /// The file in a coding; `None` if that would not be smaller.
    pub(crate) fn encoded(&self, coding: Coding) -> Option<&Bytes> {
        let (cell, encode): (_, Encode) = match coding {
            Coding::Identity => return Some(&self.body),
            Coding::Brotli => (&self.brotli, |body| {
                body::brotli(body, if body.len() < LARGE { 11 } else { 5 }, 22)
            }),
            Coding::Gzip => (&self.gzip, |body| {
                body::gzip(body, if body.len() < LARGE { 9 } else { 6 })
            }),
        };
        cell.get_or_init(|| {
            let encoded = self.compressible().then(|| encode(&self.body))?.ok()?;
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
    let cache_control = match immutable {
        true => "public, max-age=31536000, immutable",
        false => "public, no-cache",
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if freshness::matches(request, &asset.etag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    headers.insert(CONTENT_TYPE, asset.content_type.clone());
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let Some((body, coding)) = choose(asset, Accepted::of(request)).await else {
        return HttpError::of_status(StatusCode::NOT_ACCEPTABLE).into_response();
    };
    if let Some(coding) = coding.header() {
        headers.insert(CONTENT_ENCODING, coding);
    }
    *response.body_mut() = Body::from(body);
    response
}

/// The smallest form of the file that the client accepts; `None` if it accepts none.
async fn choose(asset: Arc<Asset>, accepted: Accepted) -> Option<(Bytes, Coding)> {
    let pick = move |asset: &Asset| {
        let mut codings = accepted.codings();
        codings.find_map(|coding| Some((asset.encoded(coding)?.clone(), coding)))
    };
    match asset.is_ready() {
        true => pick(&asset),
        false => tokio::task::spawn_blocking(move || pick(&asset))
            .await
            .unwrap_or_default(),
    }
}

/// What the name's ending says; text is UTF-8.
fn content_type(name: &str) -> HeaderValue {
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    let written = match kind.type_() {
        mime_guess::mime::TEXT => format!("{kind}; charset=utf-8"),
        _ => kind.to_string(),
    };
    HeaderValue::try_from(written).expect("a media type is a header")
}
