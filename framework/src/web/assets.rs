//! The files a page needs beside its HTML: the browser runtime, the components' module, styles, pictures.
//!
//! All files are in a map that is made at start, so a path that leads out of a directory names nothing. An address
//! with the hash of the content may be kept for ever; the plain one is checked again each time. Text is compressed
//! once, not for each request.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE,
    ETAG, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use parking_lot::RwLock;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::freshness;

/// The largest file that is served from memory.
const LARGEST: u64 = 32 * 1024 * 1024;
/// Where the theme's and the shop's files are found.
pub const STATIC: &str = "/static/";

/// What a path keeps as it is in an address.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`');

/// An asset that cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum AssetError {
    #[error("cannot read {path}: {source}")]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{path} has {bytes} bytes, at most {LARGEST} can be served")]
    TooLarge { path: PathBuf, bytes: u64 },
    #[error("theme token `{name}`: {problem}")]
    Token { name: String, problem: &'static str },
}

/// One file.
#[derive(Debug)]
pub struct Asset {
    body: Bytes,
    content_type: &'static str,
    etag: HeaderValue,
    brotli: OnceLock<Option<Bytes>>,
    gzip: OnceLock<Option<Bytes>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    Brotli,
    Gzip,
}

impl Asset {
    /// A file whose type follows from its name's ending.
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

    /// A file that is compressed already.
    pub fn compressed(name: &str, body: Bytes, brotli: Bytes, gzip: Bytes) -> Asset {
        let asset = Asset::new(name, body);
        Asset {
            brotli: OnceLock::from(Some(brotli)),
            gzip: OnceLock::from(Some(gzip)),
            ..asset
        }
    }

    /// Ten hex digits of the content's SHA-256.
    fn hash(&self) -> String {
        Sha256::digest(&self.body)
            .iter()
            .take(5)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    fn compressible(&self) -> bool {
        self.body.len() > 512
            && (self.content_type.starts_with("text/")
                || ["javascript", "json", "svg", "wasm"]
                    .iter()
                    .any(|kind| self.content_type.contains(kind)))
    }

    fn encoded(&self, coding: Coding) -> Option<&Bytes> {
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

/// All files by their address.
#[derive(Debug, Default)]
struct Files {
    by_url: HashMap<String, (Arc<Asset>, bool)>,
    hashed: HashMap<String, String>,
}

impl Files {
    /// Adds a file under its plain address and under the one with its hash.
    fn add(&mut self, url: &str, asset: Asset) {
        let asset = Arc::new(asset);
        let hashed = hashed_url(url, &asset.hash());
        if let Some(old) = self.hashed.insert(url.to_owned(), hashed.clone()) {
            self.by_url.remove(&old);
        }
        self.by_url.insert(hashed, (Arc::clone(&asset), true));
        self.by_url.insert(url.to_owned(), (asset, false));
    }
}

/// The files of a running shop.
#[derive(Debug)]
pub struct Assets {
    fixed: Files,
    theme: &'static include_dir::Dir<'static>,
    shop: PathBuf,
    tokens: String,
    statics: RwLock<Arc<Files>>,
    dev: bool,
}

impl Assets {
    /// The theme's files, those in the directory `shop` (which win), and `tokens.css` with the shop's design tokens.
    /// In development the directory is read again for every request.
    pub fn new(
        theme: &'static include_dir::Dir<'static>,
        shop: PathBuf,
        tokens: &BTreeMap<String, String>,
        dev: bool,
    ) -> Result<Assets, AssetError> {
        let mut assets = Assets {
            fixed: Files::default(),
            theme,
            shop,
            tokens: tokens_css(tokens)?,
            statics: RwLock::default(),
            dev,
        };
        assets.statics = RwLock::new(Arc::new(assets.read_statics()?));
        Ok(assets)
    }

    /// Adds a file of the framework, such as `/_protium/runtime.js`, and returns the address with its hash.
    pub fn add(&mut self, url: &str, asset: Asset) -> String {
        self.fixed.add(url, asset);
        self.fixed.hashed[url].clone()
    }

    /// Adds a file whose address changes with its content already.
    pub fn add_immutable(&mut self, url: &str, asset: Asset) {
        self.fixed
            .by_url
            .insert(url.to_owned(), (Arc::new(asset), true));
    }

    /// The address of a static file for use in a page, with its hash. `None`: there is no such file.
    pub fn url(&self, name: &str) -> Option<String> {
        let plain = format!("{STATIC}{}", name.trim_start_matches('/'));
        let hashed = self.statics.read().hashed.get(&plain).cloned()?;
        let url = if self.dev { plain } else { hashed };
        Some(utf8_percent_encode(&url, PATH).to_string())
    }

    /// Compresses everything. Takes a while: for a thread of its own.
    pub fn compress(&self) {
        let statics = Arc::clone(&self.statics.read());
        for (asset, _) in self.fixed.by_url.values().chain(statics.by_url.values()) {
            asset.encoded(Coding::Brotli);
            asset.encoded(Coding::Gzip);
        }
    }

    /// Answers a request for a file. `None`: there is no such file.
    pub async fn respond(&self, path: &str, request: &HeaderMap) -> Option<Response> {
        let path = percent_decode_str(path).decode_utf8().ok()?;
        if self.dev && path.starts_with(STATIC) {
            match self.read_statics() {
                Ok(files) => *self.statics.write() = Arc::new(files),
                Err(error) => tracing::warn!(%error, "the static files could not be read again"),
            }
        }
        let (asset, immutable) = self.find(&path)?;
        Some(respond(asset, immutable, request).await)
    }

    fn find(&self, path: &str) -> Option<(Arc<Asset>, bool)> {
        let (asset, immutable) = match self.fixed.by_url.get(path) {
            Some(found) => found.clone(),
            None => self.statics.read().by_url.get(path)?.clone(),
        };
        Some((asset, immutable))
    }

    fn read_statics(&self) -> Result<Files, AssetError> {
        let mut files = Files::default();
        add_embedded(self.theme, &mut files);
        files.add(
            &format!("{STATIC}tokens.css"),
            Asset::new("tokens.css", self.tokens.clone()),
        );
        add_directory(&self.shop, STATIC, &mut files)?;
        Ok(files)
    }
}

fn add_embedded(dir: &include_dir::Dir<'static>, files: &mut Files) {
    for entry in dir.entries() {
        match entry {
            include_dir::DirEntry::Dir(dir) => add_embedded(dir, files),
            include_dir::DirEntry::File(file) => {
                let name = file.path().to_string_lossy().replace('\\', "/");
                let asset = Asset::new(&name, Bytes::from_static(file.contents()));
                files.add(&format!("{STATIC}{name}"), asset);
            }
        }
    }
}

/// Adds the files of a directory and those below it. Names that begin with a dot, and links, are left out.
fn add_directory(dir: &Path, prefix: &str, files: &mut Files) -> Result<(), AssetError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| AssetError::Read { path, source }
    };
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(failed(dir)(source)),
    };
    for entry in entries {
        let entry = entry.map_err(failed(dir))?;
        let path = entry.path();
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else {
            continue;
        };
        let kind = entry.file_type().map_err(failed(&path))?;
        if kind.is_dir() {
            add_directory(&path, &format!("{prefix}{name}/"), files)?;
        } else if kind.is_file() {
            let bytes = entry.metadata().map_err(failed(&path))?.len();
            if bytes > LARGEST {
                return Err(AssetError::TooLarge { path, bytes });
            }
            let body = std::fs::read(&path).map_err(failed(&path))?;
            files.add(&format!("{prefix}{name}"), Asset::new(name, body));
        }
    }
    Ok(())
}

async fn respond(asset: Arc<Asset>, immutable: bool, request: &HeaderMap) -> Response {
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
    let (body, coding) = choose(asset, request).await;
    if let Some(coding) = coding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    *response.body_mut() = Body::from(body);
    response
}

/// The smallest form of the file that the client reads.
async fn choose(asset: Arc<Asset>, request: &HeaderMap) -> (Bytes, Option<&'static str>) {
    let wanted: Vec<Coding> = [Coding::Brotli, Coding::Gzip]
        .into_iter()
        .filter(|coding| accepts(request, *coding))
        .collect();
    let pick = move |asset: &Asset| {
        wanted
            .iter()
            .find_map(|coding| {
                let name = if *coding == Coding::Brotli {
                    "br"
                } else {
                    "gzip"
                };
                asset
                    .encoded(*coding)
                    .map(|body| (body.clone(), Some(name)))
            })
            .unwrap_or_else(|| (asset.body.clone(), None))
    };
    if asset.is_ready() {
        return pick(&asset);
    }
    let plain = asset.body.clone();
    tokio::task::spawn_blocking(move || pick(&asset))
        .await
        .unwrap_or((plain, None))
}

/// Whether `Accept-Encoding` names this coding and does not rule it out.
fn accepts(request: &HeaderMap, coding: Coding) -> bool {
    let name = if coding == Coding::Brotli {
        "br"
    } else {
        "gzip"
    };
    request
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|part| {
            let mut part = part.split(';').map(str::trim);
            let named = part
                .next()
                .is_some_and(|coding| coding.eq_ignore_ascii_case(name));
            named && !part.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
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

/// `/static/css/theme.css` with the hash before the ending: `/static/css/theme-0123456789.css`.
fn hashed_url(url: &str, hash: &str) -> String {
    let name = url.rfind('/').map_or(0, |slash| slash + 1);
    match url[name..].rfind('.') {
        Some(dot) if dot > 0 => format!("{}-{hash}{}", &url[..name + dot], &url[name + dot..]),
        _ => format!("{url}-{hash}"),
    }
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

/// The shop's design tokens as custom properties of the root element.
pub fn tokens_css(tokens: &BTreeMap<String, String>) -> Result<String, AssetError> {
    let mut css = String::from(":root {\n");
    for (name, value) in tokens {
        let refuse = |problem| {
            Err(AssetError::Token {
                name: name.clone(),
                problem,
            })
        };
        let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || name.len() > 64 || !name.chars().all(sound) {
            return refuse("a name has lower-case letters, digits and `-` only");
        }
        if value.trim().is_empty() || value.len() > 500 {
            return refuse("a value has 1 to 500 bytes");
        }
        if value
            .chars()
            .any(|c| c.is_control() || ";{}<>\\@".contains(c))
            || value.contains("/*")
        {
            return refuse(
                "a value has no `;`, `{`, `}`, `<`, `>`, `\\`, `@`, comment or control character",
            );
        }
        if !balanced(value) {
            return refuse("a quote or bracket is not closed");
        }
        css.push_str(&format!("  --{}{name}: {value};\n", family(name)));
    }
    css.push_str("}\n");
    Ok(css)
}

/// What the theme's property has before the token's name: `accent` sets `--color-accent`.
fn family(name: &str) -> &'static str {
    match name {
        "accent" | "paper" | "ink" => "color-",
        "body" | "display" => "font-",
        _ => "",
    }
}

/// Whether quotes and brackets close, so that a value cannot swallow what follows it.
fn balanced(value: &str) -> bool {
    let mut open = Vec::new();
    let mut quote = None;
    for c in value.chars() {
        match (quote, c) {
            (Some(mark), c) if c == mark => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(') => open.push(')'),
            (None, '[') => open.push(']'),
            (None, ')' | ']') if open.pop() != Some(c) => return false,
            (None, _) => {}
        }
    }
    quote.is_none() && open.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    static NO_THEME: include_dir::Dir<'static> = include_dir::Dir::new("", &[]);

    fn shop(files: &[(&str, &str)]) -> (tempfile::TempDir, Assets) {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for (name, text) in files {
            let path = dir.path().join("static").join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("created");
            std::fs::write(path, text).expect("written");
        }
        let assets = Assets::new(
            &NO_THEME,
            dir.path().join("static"),
            &BTreeMap::new(),
            false,
        )
        .expect("assets");
        (dir, assets)
    }

    async fn get(
        assets: &Assets,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Option<Response> {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                (
                    http::HeaderName::from_static(name),
                    HeaderValue::from_str(value).expect("a header"),
                )
            })
            .collect();
        assets.respond(path, &headers).await
    }

    #[tokio::test]
    async fn a_hashed_address_is_kept_for_ever_and_a_plain_one_is_checked() {
        let (_dir, assets) = shop(&[("css/shop.css", "p { color: red }")]);
        let url = assets.url("css/shop.css").expect("there");
        assert!(
            url.starts_with("/static/css/shop-") && url.ends_with(".css"),
            "{url}"
        );
        let kept = get(&assets, &url, &[]).await.expect("found");
        assert!(
            kept.headers()[CACHE_CONTROL]
                .to_str()
                .expect("ascii")
                .contains("immutable")
        );
        let plain = get(&assets, "/static/css/shop.css", &[])
            .await
            .expect("found");
        assert_eq!(plain.headers()[CACHE_CONTROL], "public, no-cache");
        let tag = plain.headers()[ETAG].to_str().expect("ascii").to_owned();
        let again = get(&assets, "/static/css/shop.css", &[("if-none-match", &tag)])
            .await
            .expect("found");
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }

    #[tokio::test]
    async fn text_is_sent_in_the_smallest_form_the_client_reads() {
        let (_dir, assets) = shop(&[("a.css", &"p { color: red } ".repeat(100))]);
        for (accept, coding) in [
            ("gzip, br", Some("br")),
            ("gzip;q=0.5", Some("gzip")),
            ("br;q=0", None),
            ("", None),
        ] {
            let response = get(&assets, "/static/a.css", &[("accept-encoding", accept)])
                .await
                .expect("found");
            let sent = response
                .headers()
                .get(CONTENT_ENCODING)
                .map(|value| value.to_str().expect("ascii"));
            assert_eq!(sent, coding, "{accept}");
        }
    }

    #[tokio::test]
    async fn no_path_leads_out_of_the_directory() {
        let (dir, assets) = shop(&[("a.css", "p {}"), (".hidden", "no")]);
        std::fs::write(dir.path().join("secret"), "no").expect("written");
        for path in [
            "/static/../secret",
            "/static/%2e%2e/secret",
            "/static/%2e%2e%2fsecret",
            "/static/..%5csecret",
            "/static//a.css",
            "/static/.hidden",
            "/static/a.css%00",
            "/static/%ff",
            "/static/",
        ] {
            assert!(get(&assets, path, &[]).await.is_none(), "{path}");
        }
    }

    #[test]
    fn a_token_cannot_leave_its_declaration() {
        let one = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
        assert_eq!(
            tokens_css(&one("accent", "oklch(60% 0.1 200)")).expect("sound"),
            ":root {\n  --color-accent: oklch(60% 0.1 200);\n}\n"
        );
        for value in [
            "red; } body { display: none",
            "</style>",
            "url(",
            "\"open",
            "a /* b",
            "",
            "\\3b",
        ] {
            assert!(tokens_css(&one("accent", value)).is_err(), "{value}");
        }
        assert!(tokens_css(&one("Accent:", "red")).is_err());
    }
}
