//! In development, a box on the page for each failed component, with the text of the log.

use html_escape::encode_double_quoted_attribute as escape;

use protium_wasm::{Cause, Failed};

/// The attribute by which browsers and tests find it.
const MARK: &str = "data-go-failed";
const STYLE: &str = "display:block;box-sizing:border-box;max-width:100%;margin:.5rem \
                     0;padding:.6rem .8rem;\
                     border:2px solid #b00020;border-radius:4px;background:#fff0f1;color:#7a0016;\
                     font:14px/1.45 ui-monospace,monospace;white-space:pre-wrap;\
                     overflow-wrap:anywhere;text-align:left";

/// The box, which is placed before the component's fallback.
pub(super) fn of(failed: &Failed) -> String {
    let said = match failed.cause {
        // These messages already name the component.
        Cause::Trap | Cause::Cpu => failed.message.clone(),
        cause => format!("<go-{}>: {cause}: {}", failed.component, failed.message),
    };
    format!(
        "<span {MARK}=\"{}\" role=\"alert\" style=\"{STYLE}\">{}</span>",
        escape(&failed.id),
        escape(&said)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_component_says_is_text() {
        let failed = Failed {
            component: "fuse".to_owned(),
            id: "fuse-1".to_owned(),
            cause: Cause::Trap,
            message: "panic in <go-fuse>: <script>\"&".to_owned(),
        };
        let html = of(&failed);
        assert!(html.contains(">panic in &lt;go-fuse&gt;: &lt;script&gt;&quot;&amp;</span>"));
        assert!(html.contains("data-go-failed=\"fuse-1\""));
    }
}
