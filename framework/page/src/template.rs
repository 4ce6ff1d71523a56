//! The shop's templates: read from layers, scanned, compiled by Tera, and rendered to text with
//! markers and a side table of typed props.

use std::io::{self, Write};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tera::{Kwargs, State, Tera};

use protium_wasm::{Manifest, Value};

use super::build_id::BuildParts;
use super::compile::{BrokenTemplates, File, Files};
use super::component_template;
use super::error::{PageError, TemplateError};
use super::filters::{self, Filters};
use super::layer::{Sources, TemplateLayer};
use super::marker::Mark;
use super::messages::{MessageFiles, Messages};
use super::props;
use super::references::References;
use super::scanner::{self, ARGUMENTS, FALLBACKS_FUNCTION, ISLAND_FUNCTION};
use super::scope::{self, Call, Scope};
use super::shared_props::SharedProps;
use super::site::{Piece, Site, SiteProp, Source};

/// The output of a template.
#[derive(Debug)]
pub(super) struct Text {
    /// HTML with markers.
    pub bytes: Vec<u8>,
    /// The components that the markers refer to.
    pub calls: Vec<Call>,
    /// The context of the render.
    pub ctx: Value,
}

/// The templates of a shop, ready to render.
pub(super) struct Templates {
    tera: Tera,
    files: Files,
    pub broken: BrokenTemplates,
    pub sites: Arc<[Site]>,
    messages: Messages,
    /// BUILD of its pages.
    pub build: String,
}

impl Templates {
    /// Scans and compiles these files, and reads the messages of these layers. With `dev`, props
    /// are checked more strictly. Errors in single templates are collected in `broken`; an error is
    /// returned if no template can be used.
    pub(super) fn new(
        (mut sources, messages): (Sources, &[TemplateLayer]),
        manifest: &Arc<Manifest>,
        filters: &Arc<Filters>,
        build: &BuildParts,
        dev: bool,
    ) -> Result<Self, PageError> {
        let references = References::read(&mut sources);
        let mut broken = BrokenTemplates::of(&references, &sources);
        let mut files = Files::default();
        let mut sites: Vec<Site> = Vec::new();
        let mut text_blocks = Vec::new();
        let mut component_blocks = Vec::new();
        let mut digest = Sha256::new();
        for (name, source) in sources
            .files
            .into_iter()
            .chain(component_template::all(manifest))
        {
            digest.update((name.len() as u64).to_le_bytes());
            digest.update(&name);
            digest.update((source.len() as u64).to_le_bytes());
            digest.update(&source);
            match scanner::scan(&name, &source, manifest, sites.len()) {
                Ok(found) => {
                    sites.extend(found.sites);
                    text_blocks.extend(found.text_blocks);
                    let blocks = found.component_blocks.into_iter();
                    component_blocks.extend(blocks.map(|(block, e)| (name.clone(), block, e)));
                    let file = File {
                        source,
                        scanned: found.source,
                        map: found.map,
                    };
                    files.0.insert(name, file);
                }
                Err(found) => {
                    for error in found {
                        broken.add(&name, error);
                    }
                }
            }
        }
        let messages = Messages::read(messages, manifest, &mut digest)?;
        for (template, block, mut error) in component_blocks {
            if let Some((_, element)) = text_blocks.iter().find(|(name, _)| *name == block) {
                error.message.push_str(&format!(
                    ", which is inside <{element}>, where everything is text"
                ));
                broken.add(&template, error);
            }
        }
        let sites: Arc<[Site]> = sites.into();
        let tera = files.compile(&references, &mut broken, |tera| {
            filters::register(tera, filters);
            filters::register_messages(tera, filters, messages.files());
            let of_islands = Arc::clone(&sites);
            let shared = SharedProps::new();
            tera.register_function(ISLAND_FUNCTION, move |kwargs: Kwargs, _: &State| {
                island(&of_islands, &shared, &kwargs, dev)
            });
            tera.register_function(FALLBACKS_FUNCTION, |_: Kwargs, _: &State| {
                scope::writes_fallbacks()
            });
        })?;
        Ok(Self {
            tera,
            files,
            broken,
            sites,
            messages,
            build: build.with_templates(&digest.finalize()),
        })
    }

    /// The messages of the theme and the shop.
    pub(super) fn messages(&self) -> &MessageFiles {
        self.messages.files()
    }

    /// Renders a template, with or without the fallbacks of public components. `limit` is the
    /// largest text in bytes.
    pub(super) fn render(
        &self,
        template: &str,
        context: &tera::Context,
        ctx: Value,
        fallbacks: bool,
        buffer: Vec<u8>,
        limit: usize,
    ) -> Result<Text, PageError> {
        if let Some(errors) = self.broken.errors_of(template) {
            return Err(errors.into());
        }
        if !self.files.0.contains_key(template) {
            return Err(PageError::NotFound(template.to_owned()));
        }
        let mut output = Bounded {
            bytes: buffer,
            limit,
            overflown: false,
        };
        let render = || self.tera.render_to(template, context, &mut output);
        let (result, Scope { calls, mut ctx, .. }) = scope::within(ctx, fallbacks, render);
        match result {
            Ok(()) => {
                let placed = calls.iter().map(|call| &self.sites[call.site]);
                let components = placed.map(|site| site.component.as_str());
                if let Some(messages) = self.messages.of_page(&ctx, components)
                    && let Value::Record(entries) = &mut ctx
                {
                    entries.push(("messages".to_owned(), messages));
                }
                Ok(Text {
                    bytes: output.bytes,
                    calls,
                    ctx,
                })
            }
            Err(_) if output.overflown => Err(PageError::TooLarge {
                template: template.to_owned(),
                limit,
            }),
            Err(error) => {
                let first = self.files.explain(&error).0.into_iter().next();
                Err(first
                    .unwrap_or_else(|| TemplateError::new(error.to_string()))
                    .into())
            }
        }
    }
}

/// Records a component's props, and writes its marker.
fn island(
    sites: &[Site],
    shared: &SharedProps,
    kwargs: &Kwargs,
    dev: bool,
) -> tera::TeraResult<tera::Value> {
    let number = kwargs.must_get::<usize>("s")?;
    let site = sites
        .get(number)
        .ok_or_else(|| tera::Error::message("a component without a place"))?;
    let failed =
        |message: String| tera::Error::message(format!("<go-{}>: {message}", site.component));
    let mut entries = Vec::with_capacity(site.props.len());
    for (at, prop) in site.props.iter().enumerate() {
        if dev
            && let Source::Expression(index) = &prop.source
            && let Some(problem) = props::another_record(&prop.kind, argument(kwargs, *index)?)
        {
            return Err(failed(format!("`{}` {problem}", prop.name)));
        }
        let value = prop_value(prop, kwargs, |given| {
            shared.get((number, at), given, || typed(prop, given))
        });
        if let Some(value) = value?.map_err(&failed)? {
            entries.push((prop.name.clone(), value));
        }
    }
    let key = match &site.key {
        None => None,
        Some(key) => match prop_value(key, kwargs, |given| typed(key, given))?.map_err(&failed)? {
            Some(Value::Text(text)) if !text.is_empty() => Some(props::encode_key(&text)),
            _ => {
                return Err(failed(
                    "`key` is empty: it tells components of a kind apart".to_owned(),
                ));
            }
        },
    };
    let call = Call {
        site: number,
        key,
        props: Value::Record(entries),
    };
    let index = scope::add(call).map_err(failed)?;
    Ok(tera::Value::safe_string(&Mark::Open(index).text()))
}

/// The value of an expression in this call.
fn argument(kwargs: &Kwargs, index: usize) -> tera::TeraResult<&tera::Value> {
    match ARGUMENTS.get(index) {
        Some(name) => kwargs.must_get::<&tera::Value>(name),
        None => Err(tera::Error::message("an expression without a place")),
    }
}

/// An expression's value as a prop; the error is a message for the author.
fn typed(prop: &SiteProp, value: &tera::Value) -> Result<Option<Value>, String> {
    props::typed(&prop.kind, value).map_err(|mismatch| mismatch.of(&prop.name))
}

/// A prop's value in this call, if it is an expression as `convert` has it; the inner error is a
/// message for the author.
fn prop_value(
    prop: &SiteProp,
    kwargs: &Kwargs,
    convert: impl FnOnce(&tera::Value) -> Result<Option<Value>, String>,
) -> tera::TeraResult<Result<Option<Value>, String>> {
    Ok(match &prop.source {
        Source::Fixed(value) => Ok(Some(value.clone())),
        Source::Expression(index) => convert(argument(kwargs, *index)?),
        Source::Mixed(pieces) => {
            let mut joined = String::new();
            for piece in pieces {
                match piece {
                    Piece::Text(text) => joined.push_str(text),
                    Piece::Expression(index) => {
                        if let Err(mismatch) =
                            props::append_text(&mut joined, argument(kwargs, *index)?)
                        {
                            return Ok(Err(mismatch.of(&prop.name)));
                        }
                    }
                }
            }
            Ok(Some(Value::Text(joined)))
        }
    })
}

/// A buffer with a size limit.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
    overflown: bool,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.bytes.len() + bytes.len() > self.limit {
            self.overflown = true;
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
