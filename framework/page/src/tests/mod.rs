//! Templates and pages as their authors see them, with a module whose components render as plain
//! tags.

mod broken;
mod pages;
mod scanner;
mod templates;

use std::collections::BTreeMap;
use std::sync::Arc;

use protium_wasm::{
    Batch, Cause, Component, Failed, IslandDone, IslandOutcome, Lane, Manifest, Prop, PropType,
    Reads, Rendered, Value,
};

use super::build_id::BuildParts;
use super::error::PageError;
use super::filters::Filters;
use super::layer::Sources;
use super::snapshot;
use super::splice::{Insertions, Live, Made, Splice};
use super::template::Templates;

fn component(name: &str, props: &[(&str, PropType)]) -> Component {
    Component {
        name: name.to_owned(),
        personal: false,
        slot: false,
        hydrate: "load".to_owned(),
        props: props
            .iter()
            .map(|(name, kind)| Prop {
                name: (*name).to_owned(),
                kind: kind.clone(),
            })
            .collect(),
        state: Vec::new(),
        handlers: Vec::new(),
        messages: Vec::new(),
    }
}

/// A module with a few components: `box` has a slot, `badge` is personal.
fn manifest() -> Manifest {
    let field = |name: &str, kind| Prop {
        name: name.to_owned(),
        kind,
    };
    let product = PropType::Record(vec![
        field("title", PropType::Text),
        field("price", PropType::Money),
    ]);
    let mut components = vec![
        Component {
            personal: true,
            ..component("badge", &[])
        },
        Component {
            slot: true,
            ..component("box", &[("title", PropType::Text)])
        },
        component(
            "card",
            &[("product", product), ("showVendor", PropType::Bool)],
        ),
        component(
            "counter",
            &[("start", PropType::Int32), ("label", PropType::Text)],
        ),
    ];
    components.sort_by(|a, b| a.name.cmp(&b.name));
    Manifest {
        lane: Lane::TinyGo,
        components,
        stores: Vec::new(),
        sources: None,
    }
}

fn compile(files: &[(&str, &str)]) -> Result<Templates, PageError> {
    let sources: BTreeMap<String, String> = files
        .iter()
        .map(|(name, source)| ((*name).to_owned(), (*source).to_owned()))
        .collect();
    let money = |minor: i64, ctx: &Value| {
        let symbol = ctx
            .get("symbol")
            .and_then(Value::as_text)
            .unwrap_or_default();
        format!("{symbol}{}.{:02}", minor / 100, minor % 100)
    };
    let asset = |file: &str| (file == "theme.css").then(|| "/static/theme-1.css".to_owned());
    let compiled = Templates::new(
        (
            Sources {
                files: sources,
                ..Sources::default()
            },
            &[],
        ),
        &Arc::new(manifest()),
        &Arc::new(Filters::new(money, asset)),
        &BuildParts::new([], []),
        true,
    )?;
    match compiled.broken.all() {
        Some(errors) => Err(errors.into()),
        None => Ok(compiled),
    }
}

/// The error message for these files.
fn refused(files: &[(&str, &str)]) -> String {
    match compile(files) {
        Ok(_) => panic!("accepted: {files:?}"),
        Err(error) => error.to_string(),
    }
}

/// Renders every island as `<NAME id=ID>PROPS` slot `</NAME>`; those named in `broken` fail.
fn render_batch(batch: &Batch, broken: &[&str]) -> Rendered {
    let mut html = String::new();
    let mut islands = Vec::new();
    for call in &batch.islands {
        if broken.contains(&call.component.as_str()) {
            islands.push(IslandOutcome::Failed(Failed {
                component: call.component.clone(),
                id: call.id.clone(),
                cause: Cause::Trap,
                message: "broken".to_owned(),
            }));
            continue;
        }
        let start = html.len();
        html.push_str(&format!("<{} id={}>", call.component, call.id));
        for (key, value) in call.props.as_record().unwrap_or_default() {
            let json = value.to_json().expect("json");
            html.push_str(&format!(
                "{key}={};",
                json.replace('&', "&amp;").replace('<', "&lt;")
            ));
        }
        let slot = (call.component == "box").then_some(html.len());
        html.push_str(&format!("</{}>", call.component));
        let done = IslandDone {
            html: start..html.len(),
            digest: 0xabc,
            slot,
            interactive: true,
            reads: Reads {
                path: false,
                time: false,
            },
        };
        islands.push(IslandOutcome::Done(done));
    }
    Rendered {
        html,
        islands,
        restarts: 0,
        unstable: Vec::new(),
        dev: false,
    }
}

/// A page made without a component host.
#[derive(Debug)]
struct Finished {
    html: String,
    live: Vec<String>,
    snapshot: serde_json::Value,
}

struct Given<'a> {
    context: tera::Context,
    ctx: Value,
    broken: &'a [&'a str],
    for_visitor: bool,
}

impl Default for Given<'_> {
    fn default() -> Self {
        Given {
            context: tera::Context::new(),
            ctx: Value::Record(Vec::new()),
            broken: &[],
            for_visitor: true,
        }
    }
}

fn page(compiled: &Templates, template: &str, given: Given<'_>) -> Result<Finished, PageError> {
    let Given { context, ctx, .. } = given;
    let fallbacks = !given.broken.is_empty();
    let text = compiled.render(template, &context, ctx, fallbacks, Vec::new(), 1 << 20)?;
    let mut splice = Splice::read(
        template,
        &text.bytes,
        &compiled.sites,
        text.calls,
        given.for_visitor,
    )?;
    let (public_batch, personal_batch) = splice.batches();
    let (public_rendered, personal_rendered) = (
        render_batch(&public_batch, given.broken),
        render_batch(&personal_batch, given.broken),
    );
    let public = Made {
        batch: &public_batch,
        rendered: &public_rendered,
    };
    let personal = Made {
        batch: &personal_batch,
        rendered: &personal_rendered,
    };
    let (live, live_personal) = splice.live(public, personal);
    let mut insertions = Insertions {
        head: b"[head]".to_vec(),
        snapshot: Vec::new(),
        address: b"https://shop.example".to_vec(),
    };
    let (html, islands) = (&mut insertions.snapshot, snapshot::islands(&live));
    let lane = (Lane::TinyGo, false);
    snapshot::write(html, "0123456789abcdef", lane, &text.ctx, &islands).expect("snapshot");
    let written = String::from_utf8_lossy(&insertions.snapshot).into_owned();
    let json = written
        .strip_prefix("<script type=\"application/json\" data-go-snapshot>")
        .and_then(|rest| rest.strip_suffix("</script>"));
    let snapshot = serde_json::from_str(json.expect("one script element")).expect("json");
    let stores = Value::record([("cart", Value::record([("count", Value::Int(2))]))]);
    let islands = snapshot::islands(&live_personal);
    let html = &mut insertions.snapshot;
    snapshot::write_fragment(html, "0123456789abcdef", &stores, &islands).expect("fragment");
    let html = splice.finish(public, personal, &insertions, 1 << 20)?;
    let ids = |live: &[Live<'_>]| {
        live.iter()
            .map(|island| island.id.to_owned())
            .collect::<Vec<_>>()
    };
    Ok(Finished {
        html: String::from_utf8(html).expect("a page is text"),
        live: [ids(&live), ids(&live_personal)].concat(),
        snapshot,
    })
}

/// The HTML of one template without data.
fn html(source: &str) -> String {
    let compiled = compile(&[("t.html", source)]).expect("compiled");
    page(&compiled, "t.html", Given::default())
        .expect("rendered")
        .html
}
