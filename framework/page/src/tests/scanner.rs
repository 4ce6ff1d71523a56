//! Which templates are accepted, which are refused, and the messages.

use super::{Given, compile, html, page, refused};

#[test]
fn good_elements_become_components() {
    let cases = [
        (
            "<go-counter></go-counter>",
            "<counter id=counter-1></counter>",
        ),
        ("<go-counter/>x", "<counter id=counter-1></counter>x"),
        (
            "<GO-Counter Start=7></GO-counter >",
            "<counter id=counter-1>start=7;</counter>",
        ),
        (
            "<go-counter label='a &amp; &#233;'/>",
            "<counter id=counter-1>label=\"a &amp; é\";</counter>",
        ),
        (
            "<go-counter label/>",
            "<counter id=counter-1>label=\"\";</counter>",
        ),
        (
            "<go-card show-vendor/>",
            "<card id=card-1>showVendor=true;</card>",
        ),
        (
            "<go-card show-vendor=false />",
            "<card id=card-1>showVendor=false;</card>",
        ),
        (
            "<go-counter start=\"{{ 1 + 2 }}\"/>",
            "<counter id=counter-1>start=3;</counter>",
        ),
        (
            "<go-counter start={{2}} />",
            "<counter id=counter-1>start=2;</counter>",
        ),
        (
            "<go-counter label='n {{ 1 }}, {{ true }}'/>",
            "<counter id=counter-1>label=\"n 1, true\";</counter>",
        ),
        (
            "<go-counter label=\"{{ 'a\" }}' }}\"/>",
            "<counter id=counter-1>label=\"a\\\" }}\";</counter>",
        ),
        (
            "<go-counter start=\"{{ missing }}\"/>",
            "<counter id=counter-1></counter>",
        ),
        (
            "<go-counter key='a/b' />",
            "<counter id=counter:a%2Fb></counter>",
        ),
        (
            "<go-box>a<p>b</p></go-box>",
            "<box id=box-1>a<p>b</p></box>",
        ),
        ("<!-- <go-counter> -->", "<!-- <go-counter> -->"),
        ("{# <go-nothing> #}x", "x"),
        ("{% raw %}<go-nothing>{% endraw %}", "<go-nothing>"),
        ("&lt;go-counter>", "&lt;go-counter>"),
        (
            "{% for n in range(end=2) %}<go-counter start=\"{{ n }}\"/>{% endfor %}",
            "<counter id=counter-1>start=0;</counter><counter id=counter-2>start=1;</counter>",
        ),
    ];
    for (source, wanted) in cases {
        assert_eq!(html(source), wanted, "{source}");
    }
}

#[test]
fn bad_elements_are_refused_with_their_place() {
    let cases = [
        (
            "a\n <go-cuonter/>",
            "t.html:2:2: there is no component <go-cuonter>; did you mean <go-counter>?",
        ),
        (
            "<go-slider/>",
            "t.html:1:1: there is no component <go-slider>; there are badge, box, card, counter",
        ),
        (
            "é<go-counter strat=1 />",
            "t.html:1:14: <go-counter> has no prop `strat`; did you mean `start`?",
        ),
        (
            "<go-card showvendor/>",
            "t.html:1:10: <go-card> has no prop `showvendor`; did you mean `show-vendor`?",
        ),
        (
            "<go-badge x=1 />",
            "t.html:1:11: <go-badge> has no prop `x`; it takes none",
        ),
        (
            "<go-counter\n  start=abc />",
            "t.html:2:3: <go-counter>: `start` takes a whole number of 32 bits, not `abc`",
        ),
        (
            "<go-counter start=2147483648 />",
            "t.html:1:13: <go-counter>: `start` takes a whole number of 32 bits",
        ),
        (
            "<go-counter start />",
            "t.html:1:13: <go-counter>: `start` takes a whole number of 32 bits and has no value",
        ),
        (
            "<go-card show-vendor=yes />",
            "t.html:1:10: <go-card>: `show-vendor` takes `true` or `false`",
        ),
        (
            "<go-card product='{}' />",
            "t.html:1:10: <go-card>: `product` takes a record: give it an expression",
        ),
        (
            "<go-card product='x{{ p }}' />",
            "t.html:1:10: <go-card>: `product` is not text: give it one expression",
        ),
        (
            "<go-counter label='&hearts;' />",
            "t.html:1:20: `&hearts;` is not known",
        ),
        (
            "<go-counter label=a label=b />",
            "t.html:1:21: `label` is given twice",
        ),
        (
            "<go-counter hydrate=soon />",
            "t.html:1:13: `hydrate` is one of load, idle",
        ),
        (
            "<go-counter hydrate='{{ x }}' />",
            "t.html:1:13: `hydrate` is one of load, idle",
        ),
        (
            "<go-counter key='' />",
            "t.html:1:13: `key` tells components of a kind apart",
        ),
        (
            "<go-counter label='{{ }}' />",
            "t.html:1:20: the expression is empty",
        ),
        (
            "<go-counter label='{% if a %}b{% endif %}' />",
            "t.html:1:20: an attribute of a component takes text and",
        ),
        (
            "<go-counter {% if a %}start=1{% endif %} />",
            "t.html:1:13: a component's tag takes attributes only",
        ),
        (
            "<go-{{ name }}/>",
            "t.html:1:1: the name of a component cannot be computed",
        ),
        ("x<go-box>", "t.html:1:2: <go-box> is never closed"),
        ("<p></go-box></p>", "t.html:1:4: </go-box> closes nothing"),
        (
            "<go-box><go-counter></go-box>",
            "t.html:1:21: </go-box> comes before <go-counter> is closed",
        ),
        (
            "<go-counter>text</go-counter>",
            "t.html:1:1: <go-counter> has no slot",
        ),
        (
            "<template fallback>x</template>",
            "t.html:1:1: <template fallback> belongs directly into a component",
        ),
        (
            "<go-box><template fallback><go-counter/></template></go-box>",
            "t.html:1:28: a fallback is shown when components cannot be",
        ),
        (
            "<go-box><template fallback></template><template fallback></template></go-box>",
            "t.html:1:39: <go-box> has a fallback already",
        ),
        (
            "<go-box hydrate=only><go-counter/></go-box>",
            "t.html:1:22: <go-box hydrate=\"only\"> is made in the browser",
        ),
        (
            "{% if a %}<go-box>{% endif %}</go-box>",
            "t.html:1:11: <go-box> begins here and ends in another branch (line 1)",
        ),
        (
            "{% if a %}<go-box>{% else %}</go-box>{% endif %}",
            "t.html:1:11: <go-box> begins here and ends in another",
        ),
        (
            "<script>'<go-counter>'</script>",
            "t.html:1:10: a component cannot stand in <script>",
        ),
        (
            "<style>\n<go-counter/></style>",
            "t.html:2:1: a component cannot stand in <style>",
        ),
        (
            "<textarea><go-counter/></textarea>",
            "t.html:1:11: a component cannot stand in <textarea>",
        ),
        (
            "<title><GO-counter/></title>",
            "t.html:1:8: a component cannot stand in <title>",
        ),
        (
            "<noscript><go-counter/></noscript>",
            "t.html:1:11: a component cannot stand in <noscript>",
        ),
        (
            "<p title='a <go-counter/>'>",
            "t.html:1:13: a component cannot stand in the attribute `title`",
        ),
        (
            "<script>var a = {{ a }};</script>",
            "t.html:1:17: HTML escapes mean nothing in a script",
        ),
        (
            "<a href={{ url }}>x</a>",
            "t.html:1:9: an expression in a tag belongs in quotes",
        ),
        (
            "<a {{ attributes }}>x</a>",
            "t.html:1:4: an expression in a tag belongs in quotes",
        ),
        ("<p>{{ a </p>", "t.html:1:4: `{{` is never closed"),
    ];
    for (source, wanted) in cases {
        let message = refused(&[("t.html", source)]);
        assert!(
            message.starts_with(wanted),
            "{source}\n  wanted {wanted}\n  got    {message}"
        );
    }
}

#[test]
fn all_errors_of_all_templates_are_named_at_once() {
    let message = refused(&[("a.html", "<go-x/>\n<go-y/>"), ("b.html", "<go-z/>")]);
    let places: Vec<&str> = message
        .lines()
        .filter_map(|line| line.split(": there is no").next())
        .collect();
    assert!(
        ["a.html:1:1", "a.html:2:1", "b.html:1:1"]
            .iter()
            .all(|place| places.contains(place)),
        "{message}"
    );
}

#[test]
fn a_block_inside_a_title_takes_no_component_from_another_template() {
    let layout = "<title>{% block title %}{% endblock %}</title>{% block main %}{% endblock %}";
    let child = "{% extends 'l.html' %}{% block main %}<go-counter/>{% endblock %}{% block title \
                 %}<go-counter/>{% endblock %}";
    let message = refused(&[("l.html", layout), ("t.html", child)]);
    assert!(
        message.starts_with(
            "t.html:1:83: <go-counter> stands in the block `title`, which is inside <title>"
        ),
        "{message}"
    );
}

#[test]
fn a_block_around_an_element_of_text_takes_components_from_other_templates() {
    let files = [
        (
            "l.html",
            "{% block main %}<noscript>{{ 1 }}</noscript>{% endblock %}",
        ),
        (
            "t.html",
            "{% extends 'l.html' %}{% block main %}<go-counter/>{% endblock %}",
        ),
    ];
    let compiled = compile(&files).expect("compiled");
    let page = page(&compiled, "t.html", Given::default()).expect("rendered");
    assert_eq!(page.html, "<counter id=counter-1></counter>");
}

#[test]
fn an_expression_in_a_script_passes_through_the_json_filter() {
    assert_eq!(
        html("<script type=application/ld+json>{{ '</script><!--' | json }}</script>"),
        "<script type=application/ld+json>\"\\u003c/script\\u003e\\u003c!--\"</script>"
    );
}
