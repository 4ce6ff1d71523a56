//! Compiles all templates for Tera. A template with errors is set aside, and so is every one that
//! extends or includes it; all others are usable.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tera::{ErrorKind, Tera};

use super::error::{PageError, TemplateError, TemplateErrors};
use super::filters::{self, Filters};
use super::layer::{self, Sources, TemplateLayer};
use super::mask::Mask;
use super::nesting;
use super::references::References;
use super::source_map::SourceMap;

/// A usable template.
pub(super) struct File {
    pub source: String,
    /// What Tera compiles.
    pub scanned: String,
    pub map: SourceMap,
}

/// Templates that cannot be used.
#[derive(Debug, Default)]
pub struct BrokenTemplates {
    /// The errors in each template.
    own: BTreeMap<String, Vec<TemplateError>>,
    /// Templates that use a broken one, with the name of that one.
    users: BTreeMap<String, String>,
}

impl BrokenTemplates {
    /// Why a template cannot be used; `None` when it can be.
    pub fn errors_of(&self, template: &str) -> Option<TemplateErrors> {
        let cause = self.users.get(template).map_or(template, String::as_str);
        self.own
            .get(cause)
            .map(|errors| TemplateErrors(errors.clone()))
    }

    /// All errors, in the order of the templates' names; `None` when there are none.
    pub fn all(&self) -> Option<TemplateErrors> {
        let errors: Vec<TemplateError> = self.own.values().flatten().cloned().collect();
        (!errors.is_empty()).then_some(TemplateErrors(errors))
    }

    pub(super) fn has(&self, template: &str) -> bool {
        self.own.contains_key(template) || self.users.contains_key(template)
    }

    pub(super) fn add(&mut self, template: &str, error: TemplateError) {
        let errors = self.own.entry(template.to_owned()).or_default();
        if !errors.contains(&error) {
            errors.push(error);
        }
    }

    /// Finds references to missing templates, and templates that extend themselves.
    pub(super) fn of(references: &References, sources: &Sources) -> Self {
        let mut broken = Self::default();
        for (template, error) in references.errors(sources) {
            broken.add(&template, error);
        }
        broken
    }

    fn update_users(&mut self, references: &References) {
        let own: BTreeSet<String> = self.own.keys().cloned().collect();
        self.users = references.users(&own);
    }
}

/// Finds errors in templates as far as possible without the components' manifest. Takes
/// milliseconds, while the components may first have to be built. `own` has the filters, functions
/// and tests of the shop.
pub fn check(layers: &[TemplateLayer], own: Tera) -> Result<BrokenTemplates, PageError> {
    let mut sources = layer::read(layers)?;
    let references = References::read(&mut sources);
    let mut broken = BrokenTemplates::of(&references, &sources);
    let mut files = Files::default();
    for (name, source) in &sources.files {
        let nested = Mask::read(name, source).and_then(|mask| nesting::check(name, source, &mask));
        if let Err(error) = nested {
            broken.add(name, error);
        }
        let file = File {
            source: source.clone(),
            scanned: source.clone(),
            map: SourceMap::default(),
        };
        files.0.insert(name.clone(), file);
    }
    let filters = Arc::new(Filters::new(|_, _| String::new(), |_| None).with_own(own));
    let register = |tera: &mut Tera| {
        filters::register(tera, &filters);
        filters::register_messages(tera, &filters, &Arc::default());
    };
    files.compile(&references, &mut broken, register)?;
    Ok(broken)
}

/// The templates by name.
#[derive(Default)]
pub(super) struct Files(pub BTreeMap<String, File>);

impl Files {
    /// Compiles all usable templates, and records the broken ones.
    pub fn compile(
        &self,
        references: &References,
        broken: &mut BrokenTemplates,
        register: impl Fn(&mut Tera),
    ) -> Result<Tera, PageError> {
        loop {
            broken.update_users(references);
            let mut tera = Tera::new();
            tera.autoescape_on([""]);
            register(&mut tera);
            let usable = self.0.iter().filter(|(name, _)| !broken.has(name));
            let added = tera.add_raw_templates(usable.map(|(name, file)| (name, &file.scanned)));
            let Err(error) = added else {
                return Ok(tera);
            };
            let errors = self.explain(&error);
            let mut is_attributed = false;
            for error in &errors.0 {
                if let Some(at) = &error.at {
                    is_attributed |= !broken.has(&at.template);
                    broken.add(&at.template, error.clone());
                }
            }
            // An error that cannot be attributed to one template applies to all.
            if !is_attributed {
                return Err(errors.into());
            }
        }
    }

    /// Tera's error, with places in the author's files.
    pub fn explain(&self, error: &tera::Error) -> TemplateErrors {
        let errors = match error.kind() {
            ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
                let mut message = report.message().to_owned();
                for note in error
                    .to_string()
                    .lines()
                    .filter_map(|line| line.strip_prefix("note: called from "))
                {
                    let place = note.rsplit_once(':').map_or(note, |(line, _)| line);
                    message.push_str(&format!(" (called from {place})"));
                }
                vec![self.locate(report.filename(), report.span().range.start, message)]
            }
            _ => {
                let text = error.to_string();
                let reports: Vec<TemplateError> = text
                    .split("\n\n")
                    .filter_map(|report| self.read_report(report))
                    .collect();
                if reports.is_empty() {
                    vec![TemplateError::new(text)]
                } else {
                    reports
                }
            }
        };
        TemplateErrors(errors)
    }

    /// Parses one of the reports that Tera joins into a message when templates do not fit together.
    fn read_report(&self, report: &str) -> Option<TemplateError> {
        let (message, rest) = report.strip_prefix("error: ")?.split_once('\n')?;
        let place = rest.lines().next()?.trim_start().strip_prefix("--> ")?;
        let (place, column) = place.rsplit_once(':')?;
        let (name, line) = place.rsplit_once(':')?;
        let (line, column): (usize, usize) = (line.parse().ok()?, column.parse().ok()?);
        let scanned = &self.0.get(name)?.scanned;
        let start: usize = scanned
            .split_inclusive('\n')
            .take(line.checked_sub(1)?)
            .map(str::len)
            .sum();
        let rest = scanned.get(start..)?;
        let offset = rest
            .char_indices()
            .nth(column.checked_sub(1)?)
            .map_or(rest.len(), |(at, _)| at);
        Some(self.locate(name, start + offset, message.to_owned()))
    }

    fn locate(&self, name: &str, offset: usize, message: String) -> TemplateError {
        match self.0.get(name) {
            Some(file) => {
                TemplateError::at(name, &file.source, file.map.source_offset(offset), message)
            }
            None => TemplateError::new(format!("{name}: {message}")),
        }
    }
}
