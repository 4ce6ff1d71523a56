//! The head of a page with islands: the capture script, the runtime, and a preload of the module if
//! it is needed at once.
//!
//! Title, description and canonical link are the layout's own blocks; structured data goes through
//! the `json` filter.

use html_escape::encode_double_quoted_attribute as attribute;

/// What the browser loads for islands.
#[derive(Debug, Clone)]
pub struct BrowserAssets {
    /// The inline script that captures events before the runtime is loaded; the same on every page.
    pub capture: String,
    /// URL of the runtime's script.
    pub runtime_url: String,
    /// URL of the rest of the runtime, which handlers need and hydration does not.
    pub rest_url: String,
    /// URL of the components' module.
    pub module_url: String,
}

/// The parts of the head, formatted once.
#[derive(Debug)]
pub(super) struct Head {
    scripts: String,
    preload: String,
}

impl Head {
    pub(super) fn new(assets: &BrowserAssets) -> Self {
        let runtime = attribute(&assets.runtime_url);
        let rest = attribute(&assets.rest_url);
        let module = attribute(&assets.module_url);
        Self {
            scripts: format!(
                "<script>{}</script><script type=\"module\" async src=\"{runtime}\" \
                 data-go-module=\"{module}\"></script>",
                assets.capture
            ),
            preload: format!(
                "<link rel=\"preload\" as=\"fetch\" crossorigin href=\"{module}\"><link \
                 rel=\"modulepreload\" href=\"{rest}\">"
            ),
        }
    }

    /// Appends the head of a page with islands; `at_once`: one of them is hydrated without waiting.
    pub(super) fn write(&self, html: &mut Vec<u8>, at_once: bool) {
        html.extend_from_slice(self.scripts.as_bytes());
        if at_once {
            html.extend_from_slice(self.preload.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_capture_script_stands_in_the_page_as_it_is() {
        let assets = BrowserAssets {
            capture: "alert('Hello, world.');".to_owned(),
            runtime_url: "/_protium/runtime-1.js".to_owned(),
            rest_url: "/_protium/rest-1.js".to_owned(),
            module_url: "/_protium/store-1.wasm".to_owned(),
        };
        let mut html = Vec::new();
        Head::new(&assets).write(&mut html, true);
        assert_eq!(
            String::from_utf8_lossy(&html),
            "<script>alert('Hello, world.');</script>\
             <script type=\"module\" async src=\"/_protium/runtime-1.js\" \
             data-go-module=\"/_protium/store-1.wasm\"></script>\
             <link rel=\"preload\" as=\"fetch\" crossorigin href=\"/_protium/store-1.wasm\">\
             <link rel=\"modulepreload\" href=\"/_protium/rest-1.js\">"
        );
    }
}
