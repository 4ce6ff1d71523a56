//! The files a page needs beside its HTML: the browser runtime, the components' module, styles,
//! pictures.
//!
//! All files are in a map that is built with a release, so that a path cannot lead out of a
//! directory. An address with the hash of the content is immutable; the plain address is
//! revalidated each time. Text is compressed once, not for each request.

mod css;
mod error;
mod file;
mod tokens;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use protium_cache::http::Coding;
use protium_types::hex;
use sha2::{Digest, Sha256};

pub use error::AssetError;
use error::LARGEST;
pub use file::{Asset, respond};
pub use tokens::tokens_css;

/// The directories of the theme's and the shop's files.
pub const STATIC: &str = "/static/";

/// The plain address of the components' module.
pub const MODULE: &str = "/_protium/store.wasm";

/// The plain address of the design tokens.
pub const TOKENS: &str = "/static/tokens.css";

/// The plain addresses of the catalogue filter's modules for browsers, with SIMD and without.
pub const FILTER_SIMD: &str = "/_protium/filter-simd.wasm";
pub const FILTER: &str = "/_protium/filter.wasm";

/// How the address of the catalogue filter's script begins.
const FILTER_SCRIPT: &str = "/_protium/filter-";

/// How the address of the script for development begins.
const DEV_SCRIPT: &str = "/_protium/dev-";

/// The URL prefix of static files.
const FOLDERS: [&str; 2] = [STATIC, "/_protium/"];

/// Characters of a path that are not percent-encoded.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`');

/// A file as it is sent: uncompressed in development.
fn as_sent(asset: Asset, dev: bool) -> Asset {
    match dev {
        true => asset.never_compressed(),
        false => asset,
    }
}

fn is_style(url: &str) -> bool {
    url.ends_with(".css")
}

/// Whether a path is a file's, not a page's.
pub fn is_file(path: &str) -> bool {
    FOLDERS.iter().any(|folder| path.starts_with(folder))
}

/// All files by their address.
#[derive(Clone, Debug, Default)]
struct Files {
    by_url: HashMap<String, (Arc<Asset>, bool)>,
    hashed: HashMap<String, String>,
}

impl Files {
    /// Adds a file under its plain address and under the one with its hash, which it returns. If
    /// `before` has the same file, that is shared, with its compressed forms.
    fn add(&mut self, url: &str, asset: Asset, before: Option<&Assets>) -> String {
        let hashed = hashed_url(url, &asset.hash());
        let same = before.and_then(|before| before.find(&hashed));
        let same = same.filter(|(same, _)| same.body() == asset.body());
        let asset = same.map_or_else(|| Arc::new(asset), |(same, _)| same);
        if let Some(old) = self.hashed.insert(url.to_owned(), hashed.clone()) {
            self.by_url.remove(&old);
        }
        self.by_url
            .insert(hashed.clone(), (Arc::clone(&asset), true));
        self.by_url.insert(url.to_owned(), (asset, false));
        hashed
    }
}

/// The files of a running shop.
#[derive(Debug)]
pub struct Assets {
    fixed: Files,
    statics: Files,
    dev: bool,
}

impl Assets {
    /// The theme's files, those in the directory `shop` (which replace the theme's), and
    /// `tokens.css` with the shop's design tokens. `theme.css` ends with these too, so that a page
    /// needs only one file. Files that `before` has as well are shared.
    pub fn new(
        theme: &'static include_dir::Dir<'static>,
        shop: &Path,
        tokens: &BTreeMap<String, String>,
        dev: bool,
        before: Option<&Assets>,
    ) -> Result<Assets, AssetError> {
        Ok(Assets {
            fixed: Files::default(),
            statics: read_statics(theme, shop, &tokens_css(tokens)?, dev, before)?,
            dev,
        })
    }

    /// Adds a file of the framework, such as `/_protium/runtime.js`, and returns the address with
    /// its hash.
    pub fn add(&mut self, url: &str, asset: Asset, before: Option<&Assets>) -> String {
        self.fixed.add(url, as_sent(asset, self.dev), before)
    }

    /// Adds a file whose address already changes with its content.
    pub fn add_immutable(&mut self, url: &str, asset: Asset) {
        let asset = Arc::new(as_sent(asset, self.dev));
        self.fixed.by_url.insert(url.to_owned(), (asset, true));
    }

    /// Has the files of the framework that `before` has, and no others.
    pub fn share_runtime(&mut self, before: &Assets) {
        self.fixed = before.fixed.clone();
    }

    /// The address of a static file with its hash, for use in a page. `None` if there is no such
    /// file.
    pub fn url(&self, name: &str) -> Option<String> {
        let plain = format!("{STATIC}{}", name.trim_start_matches('/'));
        let hashed = self.statics.hashed.get(&plain).cloned()?;
        let url = if self.dev { plain } else { hashed };
        Some(utf8_percent_encode(&url, PATH).to_string())
    }

    /// The address with hash of a picture that the catalogue refers to by its plain address, such
    /// as `/static/pot.svg`. `None` if it is not a static file.
    pub fn picture(&self, src: &str) -> Option<String> {
        let name = percent_decode_str(src.strip_prefix(STATIC)?);
        self.url(&name.decode_utf8().ok()?)
    }

    /// The files whose address changes with their content.
    pub fn immutable(&self) -> Vec<(String, Bytes)> {
        [&self.fixed, &self.statics]
            .into_iter()
            .flat_map(|files| &files.by_url)
            .filter(|(_, (_, immutable))| *immutable)
            .map(|(url, (asset, _))| (url.clone(), asset.body().clone()))
            .collect()
    }

    /// A digest that changes with the address of any file.
    pub fn digest(&self) -> [u8; 32] {
        self.digest_of(|_| true)
    }

    fn digest_of(&self, counts: impl Fn(&str) -> bool) -> [u8; 32] {
        let mut urls: Vec<&str> = [&self.fixed, &self.statics]
            .into_iter()
            .flat_map(|files| files.by_url.keys())
            .map(String::as_str)
            .filter(|url| counts(url))
            .collect();
        urls.sort_unstable();
        let mut digest = Sha256::new();
        for url in urls {
            digest.update(url);
            digest.update([0]);
        }
        digest.finalize().into()
    }

    /// The address of the components' module.
    pub fn module_url(&self) -> &str {
        self.fixed_url(MODULE)
    }

    /// The address with hash of a file of the framework.
    pub fn fixed_url<'a>(&'a self, plain: &'a str) -> &'a str {
        self.fixed.hashed.get(plain).map_or(plain, String::as_str)
    }

    /// The script of the part for development.
    pub fn dev_script(&self) -> Option<&str> {
        self.script(DEV_SCRIPT)
    }

    /// The script of the catalogue filter.
    pub fn filter_script(&self) -> Option<&str> {
        self.script(FILTER_SCRIPT)
    }

    /// The script of the framework whose address begins like this.
    fn script(&self, begin: &str) -> Option<&str> {
        let urls = self.fixed.by_url.keys();
        let mut urls = urls.map(String::as_str);
        urls.find(|url| url.starts_with(begin) && url.ends_with(".js"))
    }

    /// The address with hash of each style sheet, by its plain one.
    pub fn styles(&self) -> BTreeMap<String, String> {
        let styles = self.statics.hashed.iter();
        let styles = styles.filter(|(plain, _)| is_style(plain));
        styles
            .map(|(plain, hashed)| (plain.clone(), hashed.clone()))
            .collect()
    }

    /// A digest that changes with the address of any file but a style sheet.
    pub fn digest_without_styles(&self) -> String {
        hex(&self.digest_of(|url| !is_style(url)))
    }

    /// All files, each once, with their plain addresses; those that have none, with the other.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Asset)> {
        let files = [&self.fixed, &self.statics];
        let files = files.into_iter().flat_map(|files| {
            let hashed: HashSet<&String> = files.hashed.values().collect();
            let by_url = files.by_url.iter();
            by_url.filter(move |(url, _)| !hashed.contains(url))
        });
        files.map(|(url, (asset, _))| (url.as_str(), &**asset))
    }

    /// Compresses all files. Slow: call it on a thread of its own.
    pub fn compress(&self) {
        for (_, asset) in self.all() {
            asset.encoded(Coding::Brotli);
            asset.encoded(Coding::Gzip);
        }
    }

    /// Takes the compressed forms that [`Assets::write_compressed`] wrote, of files whose content
    /// is still the same.
    pub fn read_compressed(&self, folder: &Path) {
        if folder.is_dir() {
            for (_, asset) in self.all() {
                asset.read_compressed(folder);
            }
        }
    }

    /// Writes the compressed forms of all files into a folder, under the hashes of their content.
    pub fn write_compressed(&self, folder: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        for (_, asset) in self.all() {
            asset.write_compressed(folder)?;
        }
        Ok(())
    }

    /// The response to a request for a file. `None` if there is no such file.
    pub async fn respond(&self, path: &str, request: &HeaderMap) -> Option<Response> {
        let path = percent_decode_str(path).decode_utf8().ok()?;
        let (asset, immutable) = self.find(&path)?;
        Some(file::respond(asset, immutable, request).await)
    }

    /// The file at an address with a hash. `None` if there is no such file.
    pub fn hashed(&self, path: &str) -> Option<Arc<Asset>> {
        let path = percent_decode_str(path).decode_utf8().ok()?;
        let (asset, immutable) = self.find(&path)?;
        immutable.then_some(asset)
    }

    /// The response for a picture at an address with an unknown hash: the current picture is better
    /// than none. That does not hold for scripts and styles, since those of another build would not
    /// fit the page.
    pub async fn respond_with_current_picture(
        &self,
        path: &str,
        request: &HeaderMap,
    ) -> Option<Response> {
        let path = percent_decode_str(path).decode_utf8().ok()?;
        let (asset, _) = self.find(&without_hash(&path)?)?;
        match asset.is_picture() {
            true => Some(file::respond(asset, false, request).await),
            false => None,
        }
    }

    fn find(&self, path: &str) -> Option<(Arc<Asset>, bool)> {
        let (asset, immutable) = match self.fixed.by_url.get(path) {
            Some(found) => found.clone(),
            None => self.statics.by_url.get(path)?.clone(),
        };
        Some((asset, immutable))
    }
}

fn read_statics(
    theme: &'static include_dir::Dir<'static>,
    shop: &Path,
    tokens: &str,
    dev: bool,
    before: Option<&Assets>,
) -> Result<Files, AssetError> {
    let mut bodies = Bodies::new();
    add_embedded(theme, &mut bodies);
    bodies.insert(TOKENS.to_owned(), tokens.to_owned().into());
    add_directory(shop, STATIC, &mut bodies)?;
    let theme = format!("{STATIC}theme.css");
    if let Some(body) = bodies.get_mut(&theme) {
        *body = [body.as_ref(), b"\n", tokens.as_bytes()].concat().into();
    }
    let mut files = Files::default();
    let asset = |url: &str, body| as_sent(Asset::new(url, body), dev);
    let (styles, others): (Bodies, Bodies) = bodies.into_iter().partition(|(url, _)| is_style(url));
    for (url, body) in others {
        files.add(&url, asset(&url, body), before);
    }
    for (url, body) in styles {
        // The files that a style sheet refers to have hashed addresses in it, so that its own hash
        // changes with theirs.
        let body = match dev {
            true => body,
            false => css::with_urls(&url, body, |file| files.hashed.get(file).cloned()),
        };
        files.add(&url, asset(&url, body), before);
    }
    Ok(files)
}

/// Files by their plain address.
type Bodies = BTreeMap<String, Bytes>;

fn add_embedded(dir: &include_dir::Dir<'static>, files: &mut Bodies) {
    for entry in dir.entries() {
        match entry {
            include_dir::DirEntry::Dir(dir) => add_embedded(dir, files),
            include_dir::DirEntry::File(file) => {
                let name = file.path().to_string_lossy().replace('\\', "/");
                let body = Bytes::from_static(file.contents());
                files.insert(format!("{STATIC}{name}"), body);
            }
        }
    }
}

/// Adds the files of a directory and those below it, except links and names that begin with a dot.
fn add_directory(dir: &Path, prefix: &str, files: &mut Bodies) -> Result<(), AssetError> {
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
            files.insert(format!("{prefix}{name}"), body.into());
        }
    }
    Ok(())
}

/// `/static/css/theme.css` with the hash before the ending: `/static/css/theme-0123456789.css`.
pub(crate) fn hashed_url(url: &str, hash: &str) -> String {
    let name = url.rfind('/').map_or(0, |slash| slash + 1);
    let dot = url.rfind('.').filter(|dot| *dot > name);
    match dot.and_then(|dot| url.split_at_checked(dot)) {
        Some((stem, ending)) => format!("{stem}-{hash}{ending}"),
        None => format!("{url}-{hash}"),
    }
}

/// The plain address of one with a hash.
fn without_hash(url: &str) -> Option<String> {
    let name = url.rfind('/').map_or(0, |slash| slash + 1);
    let dot = url.rfind('.').filter(|dot| *dot > name);
    let (stem, ending) = url.split_at_checked(dot.unwrap_or(url.len()))?;
    let (plain, hash) = stem.rsplit_once('-')?;
    let is_hash = hash.len() == 10 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| format!("{plain}{ending}"))
}

#[cfg(test)]
mod tests {
    use http::header::{CACHE_CONTROL, CONTENT_ENCODING, ETAG};
    use http::{HeaderValue, StatusCode};

    use super::*;

    static NO_THEME: include_dir::Dir<'static> = include_dir::Dir::new("", &[]);

    fn shop(files: &[(&str, &str)]) -> (tempfile::TempDir, Assets) {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for (name, text) in files {
            let path = dir.path().join("static").join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("created");
            std::fs::write(path, text).expect("written");
        }
        let statics = dir.path().join("static");
        let assets =
            Assets::new(&NO_THEME, &statics, &BTreeMap::new(), false, None).expect("assets");
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

    #[test]
    fn another_release_has_the_framework_s_files_without_another_look_at_them() {
        let (_dir, mut before) = shop(&[("a.css", "p { color: red }")]);
        let url = before.add("/_protium/a.js", Asset::new("a.js", "let a"), None);
        let (_other, mut now) = shop(&[("a.css", "p { color: blue }")]);
        now.share_runtime(&before);
        assert_eq!(now.fixed_url("/_protium/a.js"), url);
        let file = |assets: &Assets| assets.hashed(&url).expect("there");
        assert!(Arc::ptr_eq(&file(&before), &file(&now)));
        assert_ne!(now.url("a.css"), before.url("a.css"));
    }

    #[tokio::test]
    async fn text_is_sent_in_the_smallest_form_the_client_reads() {
        let (_dir, assets) = shop(&[("a.css", &"p { color: red } ".repeat(100))]);
        for (accept, coding) in [
            ("gzip, br", Some("br")),
            ("gzip;q=0.5", Some("gzip")),
            ("br;q=0", None),
            ("identity;q=0, *", Some("br")),
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
    async fn a_file_in_no_form_that_the_client_reads_is_not_sent() {
        let (_dir, assets) = shop(&[("a.png", "a picture")]);
        let accept = |accept| [("accept-encoding", accept)];
        for (accepted, status) in [
            ("identity;q=0", 406),
            ("gzip, identity;q=0", 406),
            ("gzip", 200),
        ] {
            let answer = get(&assets, "/static/a.png", &accept(accepted)).await;
            assert_eq!(answer.expect("found").status(), status, "{accepted}");
        }
    }

    #[tokio::test]
    async fn what_a_style_sheet_names_has_its_hash_and_a_page_waits_for_one_sheet() {
        let sheet = "a { background: url(\"icons/a.svg\"), url(data:x), url('../up.svg') }";
        let (_dir, assets) = shop(&[("theme.css", sheet), ("icons/a.svg", "<svg/>")]);
        let icon = assets.url("icons/a.svg").expect("there");
        let theme = assets.url("theme.css").expect("there");
        let body = assets.find(&theme).expect("there").0.body().clone();
        let css = String::from_utf8_lossy(&body);
        assert!(css.contains(&format!("url(\"{icon}\")")), "{css}");
        assert!(css.contains("url(data:x), url('../up.svg')"), "{css}");
        assert!(css.contains(":root {"), "the design tokens: {css}");
        let (_dir, changed) = shop(&[("theme.css", sheet), ("icons/a.svg", "<svg />")]);
        assert_ne!(changed.url("theme.css"), Some(theme));
    }

    #[tokio::test]
    async fn a_picture_of_the_catalogue_has_a_hash_and_one_of_an_earlier_build_is_the_current_one()
    {
        let (_dir, assets) = shop(&[("products/a pot.svg", "<svg/>"), ("a.css", "")]);
        let url = assets
            .picture("/static/products/a%20pot.svg")
            .expect("there");
        assert!(url.starts_with("/static/products/a%20pot-"), "{url}");
        let response = get(&assets, &url, &[]).await.expect("there");
        assert!(
            response.headers()[CACHE_CONTROL]
                .to_str()
                .is_ok_and(|value| value.contains("immutable"))
        );
        for other in [
            "https://a.example/b.svg",
            "/static/none.svg",
            "/other.svg",
            "",
        ] {
            assert_eq!(assets.picture(other), None, "{other}");
        }
        let headers = HeaderMap::new();
        let old = "/static/products/a%20pot-0123456789.svg";
        assert!(get(&assets, old, &[]).await.is_none());
        let response = assets
            .respond_with_current_picture(old, &headers)
            .await
            .expect("there");
        assert_eq!(response.headers()[CACHE_CONTROL], "public, no-cache");
        for none in [
            "/static/a-0123456789.css",
            "/static/a-012345678.svg",
            "/static/b-0123456789.svg",
            "/static/products/a%20pot.svg",
        ] {
            assert!(
                assets
                    .respond_with_current_picture(none, &headers)
                    .await
                    .is_none(),
                "{none}"
            );
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
}
