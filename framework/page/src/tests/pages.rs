//! Finished pages: nesting, fallbacks, ids, and hostile data.

use proptest::prelude::*;

use protium_wasm::Value;

use super::super::component_template::{COMPONENT_PROPS, component_template};
use super::super::marker::Mark;
use super::{Given, compile, html, page};

fn finished(source: &str, given: Given<'_>) -> super::Finished {
    let compiled = compile(&[("t.html", source)]).expect("compiled");
    page(&compiled, "t.html", given).expect("rendered")
}

fn error(source: &str) -> String {
    let compiled = compile(&[("t.html", source)]).expect("compiled");
    page(&compiled, "t.html", Given::default())
        .expect_err("refused")
        .to_string()
}

#[test]
fn components_stand_in_the_slots_of_components() {
    assert_eq!(
        html("a<go-box>b<go-box>c<go-counter/>d</go-box>e<go-counter/></go-box>f"),
        "a<box id=box-1>b<box id=box-2>c<counter id=counter-1></counter>d</box>e<counter \
         id=counter-2></counter></box>f"
    );
}

#[test]
fn a_failed_component_shows_its_fallback_or_else_its_content() {
    let given = || Given {
        broken: &["box"],
        ..Given::default()
    };
    let page = finished(
        "<go-box>a<template fallback>b</template>c</go-box>",
        given(),
    );
    assert_eq!(page.html, "b");
    let page = finished("<go-box>a<go-counter/></go-box>", given());
    assert_eq!(page.html, "a<counter id=counter-1></counter>");
    assert_eq!(page.live, ["counter-1"]);
    let page = finished(
        "<go-box><go-counter/><template fallback>b</template></go-box>",
        given(),
    );
    assert_eq!((page.html.as_str(), page.live.len()), ("b", 0));
}

#[test]
fn what_a_fallback_shows_is_worked_out_only_when_it_is_shown() {
    let source = "<go-box><template fallback>{{ missing.name }}</template></go-box>";
    assert_eq!(
        finished(source, Given::default()).html,
        "<box id=box-1></box>"
    );
    let compiled = compile(&[("t.html", source)]).expect("compiled");
    let broken = Given {
        broken: &["box"],
        ..Given::default()
    };
    let error = page(&compiled, "t.html", broken).expect_err("it is shown");
    assert!(error.to_string().contains("missing"), "{error}");
}

#[test]
fn a_fallback_that_a_page_replaces_is_a_block_like_any_other() {
    let layout =
        "<go-box><template fallback>{% block instead %}a{% endblock %}</template></go-box>";
    let template = "{% extends \"layout.html\" %}{% block instead %}b{% endblock %}";
    let compiled = compile(&[("layout.html", layout), ("t.html", template)]).expect("compiled");
    let broken = Given {
        broken: &["box"],
        ..Given::default()
    };
    let made = page(&compiled, "t.html", broken).expect("rendered");
    assert_eq!(made.html, "b");
}

#[test]
fn a_fallback_is_not_part_of_the_slot() {
    let page = finished(
        "<go-box>a<template fallback>b</template>c</go-box>",
        Given::default(),
    );
    assert_eq!(page.html, "<box id=box-1>ac</box>");
}

#[test]
fn what_is_made_in_the_browser_has_a_place_and_no_digest() {
    let page = finished(
        "<go-counter hydrate=only start=3>…</go-counter>",
        Given::default(),
    );
    assert_eq!(
        page.html,
        "<go-island data-go-id=\"counter-1\" style=\"display:contents\">…</go-island>"
    );
    assert_eq!(
        page.snapshot["islands"],
        serde_json::json!([{"id": "counter-1", "c": "counter", "h": "only", "p": {"start": 3}}])
    );
}

#[test]
fn what_never_comes_to_life_is_not_in_the_snapshot_and_counts_all_the_same() {
    let page = finished("<go-counter hydrate=none /><go-counter/>", Given::default());
    assert_eq!(
        page.html,
        "<counter id=counter-1></counter><counter id=counter-2></counter>"
    );
    assert_eq!(page.live, ["counter-2"]);
}

#[test]
fn personal_components_are_rendered_for_a_visitor_only() {
    let source = "<go-badge><template fallback>cart</template></go-badge>";
    assert_eq!(
        finished(source, Given::default()).html,
        "<badge id=badge-1></badge>"
    );
    let page = finished(
        source,
        Given {
            for_visitor: false,
            ..Given::default()
        },
    );
    assert_eq!((page.html.as_str(), page.live.len()), ("cart", 0));
}

#[test]
fn head_and_snapshot_have_their_places_once() {
    let compiled = compile(&[
        (
            "l.html",
            "<html><head>\n<meta charset=utf-8>\n<title>a</title></head><body>{% block b %}{% \
             endblock %}</body>",
        ),
        (
            "t.html",
            "{% extends 'l.html' %}{% block b %}<go-counter/>{% endblock %}",
        ),
    ]);
    let page = page(&compiled.expect("compiled"), "t.html", Given::default()).expect("rendered");
    let (head, rest) = page.html.split_once("[head]").expect("a head");
    assert_eq!(head, "<html><head>\n<meta charset=utf-8>");
    assert!(
        rest.starts_with(
            "\n<title>a</title></head><body><counter id=counter-1></counter><script type="
        ),
        "{rest}"
    );
    assert!(rest.ends_with("</script></body>"), "{rest}");
}

#[test]
fn context_that_belongs_to_the_server_stays_there() {
    let ctx = Value::record(
        [("locale", "en-US"), ("traceparent", "00-1"), ("seed", "7")].map(|(k, v)| (k, v.into())),
    );
    let page = finished(
        "<go-counter/>",
        Given {
            ctx,
            ..Given::default()
        },
    );
    assert_eq!(page.snapshot["ctx"], serde_json::json!({"locale": "en-US"}));
}

#[test]
fn keys_give_ids_and_equal_ones_are_refused() {
    let source =
        "<go-counter key=a /><go-counter/>\n<go-counter key='{{ k | default(value=\"é\") }}'/>";
    assert_eq!(
        html(source),
        "<counter id=counter:a></counter><counter id=counter-2></counter>\n<counter \
         id=counter:%C3%A9></counter>"
    );
    assert_eq!(
        error("<go-counter key=a />\n <go-counter key=a />"),
        "t.html:2:2: two components have the id `counter:a`; the first is at t.html:1:1"
    );
}

#[test]
fn captured_html_can_be_moved_but_not_copied_or_changed() {
    assert_eq!(
        html("{% set a %}<go-counter/>{% endset %}x{{ a }}y"),
        "x<counter id=counter-1></counter>y"
    );
    assert_eq!(
        html("{% set a %}<go-counter/>{% endset %}<go-counter/>"),
        "<counter id=counter-1></counter>"
    );
    assert!(error("{% set a %}<go-counter/>{% endset %}{{ a }}{{ a }}").contains("printed twice"));
    assert!(
        error("{% filter replace(from='\0', to='') %}<go-counter/>{% endfilter %}")
            .contains("a filter changed")
    );
    assert!(
        error("{% set a %}<go-counter/>{% endset %}<go-counter label='{{ a }}'/>")
            .contains("rendered component")
    );
    assert!(
        error(
            "{% for a in range(end=2) %}<go-box>{% if a == 0 %}{% break %}{% endif %}</go-box>{% \
               endfor %}"
        )
        .contains("begins and does not end")
    );
}

#[test]
fn the_money_filter_sees_the_context_of_its_page() {
    let ctx = Value::record([("symbol", Value::from("€"))]);
    assert_eq!(
        finished(
            "{{ 1990 | money }}",
            Given {
                ctx,
                ..Given::default()
            }
        )
        .html,
        "€19.90"
    );
}

/// Text that could be taken for markup, Tera, a marker or the end of a script.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("</script>".to_owned()),
        Just("<script>".to_owned()),
        Just("<!--".to_owned()),
        Just("-->".to_owned()),
        Just("{{ x }}".to_owned()),
        Just("{% endraw %}".to_owned()),
        Just("<go-badge></go-badge>".to_owned()),
        Just("<go-counter start=1 />".to_owned()),
        Just("\"'`&amp;".to_owned()),
        Just("🧵שלום\u{202E}".to_owned()),
        Just("\u{2028}\u{2029}".to_owned()),
        Just("\0".to_owned()),
        Just("\u{0}123456789!$()*+1;".to_owned()),
        Just("\0\0\x01".to_owned()),
        any::<String>(),
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

#[test]
fn links_have_the_address_that_the_visitor_uses() {
    let source = "<link rel=\"canonical\" href=\"{{ base_url }}/a\"><script>{{ page | json \
                  }}</script>\
                  <go-counter label=\"{{ base_url }}/a\"></go-counter>";
    let compiled = compile(&[("t.html", source)]).expect("compiled");
    let mut given = Given::default();
    given.context.insert("base_url", &crate::base_url());
    given
        .context
        .insert("page", &format!("{}/a", crate::base_url()));
    let page = page(&compiled, "t.html", given).expect("rendered");
    let head = "<link rel=\"canonical\" href=\"https://shop.example/a\">\
                <script>\"https://shop.example/a\"</script>";
    assert!(page.html.starts_with(head), "{}", page.html);
    assert!(!page.html.contains(['\0', '\u{fffd}']), "{}", page.html);
    assert_eq!(
        page.html.matches("https://").count(),
        2,
        "components see paths: {}",
        page.html
    );
}

proptest! {
    #[test]
    fn no_data_yields_a_component_a_mark_or_broken_json(text in hostile()) {
        let source = "<body><p title=\"{{ text }}\">{{ text }}</p><!-- {{ text }} -->\
            <go-box title=\"{{ text }}\">{{ text }}</go-box><go-counter label=\"a{{ text }}\" \
            key=\"k{{ text }}\"/>\
            <div>{{ text | foreign_html }}</div></body>";
        let compiled = compile(&[("t.html", source)]).expect("compiled");
        let mut given = Given {
            ctx: Value::record([("path", Value::from(text.as_str()))]), ..Given::default()
        };
        given.context.insert("text", &text);
        let page = page(&compiled, "t.html", given).expect("rendered");
        prop_assert!(!page.html.contains('\0'), "a NUL in {}", page.html);
        prop_assert_eq!(page.live.len(), 2);
        prop_assert!(!page.html.contains("<go-"), "a component in {}", page.html);
        prop_assert_eq!(page.html.matches("<script").count(), 2);
        prop_assert_eq!(page.html.matches("</script").count(), 2);
        let (_, rest) = page.html.split_once("data-go-snapshot>").expect("a snapshot");
        let (json, _) = rest.split_once("</script>").expect("its end");
        let json: serde_json::Value = serde_json::from_str(json).expect("json");
        let clean = text.replace('\0', "\u{FFFD}");
        prop_assert_eq!(json["ctx"]["path"].as_str(), Some(clean.as_str()));
        prop_assert_eq!(json["islands"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn a_mark_without_the_token_is_text(tail in "[0-9!$()*+;]{0,24}") {
        let compiled = compile(&[("t.html", "{{ text }}")]).expect("compiled");
        let mut given = Given::default();
        given.context.insert("text", &format!("\0{tail}"));
        let page = page(&compiled, "t.html", given).expect("rendered");
        let wanted = format!("\u{FFFD}{tail}");
        prop_assert_eq!(page.html, wanted);
        let mark = Mark::read(["\0", tail.as_str()].concat().as_bytes());
        prop_assert!(mark.is_none());
    }
}

/// For a page that is made elsewhere.
#[test]
fn a_component_alone_is_rendered_without_a_template_and_stays_as_it_is() {
    let compiled = compile(&[]).expect("compiled");
    let props = tera::Value::from_serializable(&std::collections::BTreeMap::from([
        ("start", tera::Value::from(3)),
        ("label", tera::Value::from("<b>")),
    ]));
    let mut context = tera::Context::new();
    context.insert_value(COMPONENT_PROPS, props);
    let given = Given {
        context,
        ..Given::default()
    };
    let alone = page(&compiled, &component_template("counter"), given).expect("rendered");
    assert!(
        alone.html.starts_with("<counter id=counter-1"),
        "{}",
        alone.html
    );
    assert_eq!(alone.live, [""; 0]);
}
