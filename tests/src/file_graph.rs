//! Which file of a crate uses which: read from `use` declarations and paths in the code, and
//! followed through re-exports to the file that defines what is used.
//!
//! A module that only names another one (`mod x;`, `use crate::x;`) does not use its file yet; the
//! paths that begin there do. Code for tests is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Item, UseTree};

/// Re-exports that are followed for one name: more is a re-export of itself.
const MOST_STEPS: usize = 32;

/// Why a crate has no graph.
#[derive(Debug, thiserror::Error)]
pub enum GraphError {
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    /// A file is not Rust.
    #[error("{}: {source}", path.display())]
    Parse { path: PathBuf, source: syn::Error },
}

/// The files of a crate, and which uses which.
#[derive(Debug, Default)]
pub struct FileGraph {
    files: Vec<PathBuf>,
    /// From a file to one that it uses; for the reader, a path that says so.
    uses: BTreeMap<(usize, usize), String>,
}

impl FileGraph {
    /// The graph of the crate whose first file is `root`, for example `src/lib.rs`.
    pub fn of_crate(root: &Path) -> Result<FileGraph, GraphError> {
        let mut crate_ = Crate::default();
        crate_.read_file(root, None)?;
        let mut graph = FileGraph {
            files: std::mem::take(&mut crate_.files),
            uses: BTreeMap::new(),
        };
        for (id, module) in crate_.modules.iter().enumerate() {
            for path in &module.paths {
                if let Some(Found::Item(user)) = crate_.resolve(id, path, MOST_STEPS)
                    && user != module.file
                {
                    let text = path.join("::");
                    graph.uses.entry((module.file, user)).or_insert(text);
                }
            }
        }
        Ok(graph)
    }

    /// What a file uses, as pairs of files, each with a path of the first that names the second.
    pub fn edges(&self) -> impl Iterator<Item = (&Path, &Path, &str)> {
        self.uses.iter().map(|((from, to), path)| {
            let [from, to] = [from, to].map(|file| self.files[*file].as_path());
            (from, to, path.as_str())
        })
    }

    /// The shortest circle there is; none when there are none.
    pub fn circle(&self) -> Option<Vec<&Path>> {
        let circles = self
            .uses
            .keys()
            .filter_map(|(from, to)| self.way(*to, *from));
        let shortest = circles.min_by_key(Vec::len)?;
        Some(
            shortest
                .into_iter()
                .map(|file| self.files[file].as_path())
                .collect(),
        )
    }

    /// A circle in words.
    pub fn describe(&self, circle: &[&Path]) -> String {
        let mut text = String::new();
        for (at, from) in circle.iter().enumerate() {
            let to = circle[(at + 1) % circle.len()];
            let edge = self.edges().find(|(a, b, _)| a == from && *b == to);
            let path = edge.map_or("", |(_, _, path)| path);
            text += &format!("  {} uses `{path}` of\n", from.display());
        }
        text + &format!(
            "  {}",
            circle
                .first()
                .map_or("".into(), |path| path.display().to_string())
        )
    }

    /// The shortest way from one file to another.
    fn way(&self, from: usize, to: usize) -> Option<Vec<usize>> {
        let mut before = BTreeMap::from([(from, from)]);
        let mut next = std::collections::VecDeque::from([from]);
        while let Some(file) = next.pop_front() {
            if file == to {
                let mut way = vec![to];
                let mut at = to;
                while at != from {
                    at = before[&at];
                    way.push(at);
                }
                way.reverse();
                return Some(way);
            }
            for ((_, used), _) in self.uses.range((file, 0)..(file + 1, 0)) {
                if !before.contains_key(used) {
                    before.insert(*used, file);
                    next.push_back(*used);
                }
            }
        }
        None
    }
}

/// What is read of a crate.
#[derive(Default)]
struct Crate {
    files: Vec<PathBuf>,
    modules: Vec<Module>,
}

#[derive(Default)]
struct Module {
    file: usize,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    items: BTreeSet<String>,
    /// Names that `use` brings, with their paths.
    imports: Vec<(String, Vec<String>)>,
    /// Paths whose names all come.
    globs: Vec<Vec<String>>,
    /// Every path that is written in it.
    paths: BTreeSet<Vec<String>>,
}

#[derive(Clone, Copy)]
enum Found {
    Module(usize),
    /// The file that defines it.
    Item(usize),
}

impl Crate {
    fn read_file(&mut self, path: &Path, parent: Option<usize>) -> Result<usize, GraphError> {
        let path = path.to_owned();
        let text = std::fs::read_to_string(&path).map_err(|source| GraphError::Read {
            path: path.clone(),
            source,
        })?;
        let parsed = syn::parse_file(&text).map_err(|source| GraphError::Parse {
            path: path.clone(),
            source,
        })?;
        let stem = path.file_stem().unwrap_or_default();
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let folder = match stem.to_str() {
            Some("mod" | "lib" | "main") => folder,
            _ => folder.join(stem),
        };
        let file = self.files.len();
        self.files.push(path);
        self.read_items(parsed.items, file, parent, &folder)
    }

    fn read_items(
        &mut self,
        items: Vec<Item>,
        file: usize,
        parent: Option<usize>,
        folder: &Path,
    ) -> Result<usize, GraphError> {
        let id = self.modules.len();
        self.modules.push(Module {
            file,
            parent,
            ..Module::default()
        });
        for item in items {
            if is_for_tests(&item) {
                continue;
            }
            match item {
                Item::Mod(module) => {
                    let name = module.ident.to_string();
                    let inside = folder.join(&name);
                    let child = match module.content {
                        Some((_, items)) => self.read_items(items, file, Some(id), &inside)?,
                        None => {
                            let own = inside.with_extension("rs");
                            let path = if own.is_file() {
                                own
                            } else {
                                inside.join("mod.rs")
                            };
                            self.read_file(&path, Some(id))?
                        }
                    };
                    self.modules[id].children.insert(name, child);
                }
                Item::Use(item) => self.modules[id].read_use(&item.tree, &mut Vec::new()),
                item => {
                    self.modules[id].items.extend(name_of(&item));
                    let paths = &mut self.modules[id].paths;
                    read_paths(item.to_token_stream(), &[], paths);
                }
            }
        }
        Ok(id)
    }

    fn resolve(&self, module: usize, path: &[String], steps: usize) -> Option<Found> {
        let (first, mut rest) = path.split_first()?;
        let mut found = match first.as_str() {
            "crate" => Found::Module(0),
            "self" => Found::Module(module),
            "super" => Found::Module(self.modules[module].parent?),
            name => self.lookup(module, name, rest.is_empty(), steps)?,
        };
        while let (Found::Module(module), Some((name, after))) = (found, rest.split_first()) {
            rest = after;
            found = match name.as_str() {
                "super" => Found::Module(self.modules[module].parent?),
                "self" => found,
                name => self.lookup(module, name, rest.is_empty(), steps)?,
            };
        }
        Some(found)
    }

    /// What a name is in a module. A module and an item may have the same one: the last name of a
    /// path is the item, the others are modules.
    fn lookup(&self, module: usize, name: &str, is_last: bool, steps: usize) -> Option<Found> {
        let steps = steps.checked_sub(1)?;
        let Module {
            file,
            children,
            items,
            imports,
            globs,
            ..
        } = &self.modules[module];
        let item = items.contains(name).then_some(Found::Item(*file));
        let child = children.get(name).map(|child| Found::Module(*child));
        let own = match is_last {
            true => item.or(child),
            false => child.or(item),
        };
        let imported = || {
            let mut imports = imports.iter().filter(|(known, _)| known == name);
            imports.find_map(|(_, path)| self.resolve(module, path, steps))
        };
        let by_glob = || {
            globs.iter().find_map(|glob| {
                let path = [glob.as_slice(), &[name.to_owned()]].concat();
                self.resolve(module, &path, steps)
            })
        };
        own.or_else(imported).or_else(by_glob)
    }
}

impl Module {
    fn read_use(&mut self, tree: &UseTree, prefix: &mut Vec<String>) {
        match tree {
            UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.read_use(&path.tree, prefix);
                prefix.pop();
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.read_use(tree, prefix);
                }
            }
            UseTree::Glob(_) => self.globs.push(prefix.clone()),
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                self.import(prefix, &name, &name);
            }
            UseTree::Rename(rename) => {
                self.import(
                    prefix,
                    &rename.ident.to_string(),
                    &rename.rename.to_string(),
                );
            }
        }
    }

    fn import(&mut self, prefix: &[String], name: &str, bound: &str) {
        let (path, bound) = match name {
            "self" => (prefix.to_vec(), prefix.last().map_or(bound, String::as_str)),
            _ => ([prefix, &[name.to_owned()]].concat(), bound),
        };
        // `use http;` would lead to itself.
        if path.len() > 1 {
            self.paths.insert(path.clone());
            self.imports.push((bound.to_owned(), path));
        }
    }
}

/// Collects the paths of two names and more.
fn read_paths(tokens: TokenStream, prefix: &[String], paths: &mut BTreeSet<Vec<String>>) {
    let mut tokens = tokens.into_iter().peekable();
    let mut path = prefix.to_vec();
    // Whether the next name goes on with the path, and whether it is one at all.
    let (mut goes_on, mut is_member) = (true, false);
    let mut end = |path: &mut Vec<String>| {
        if path.len() > 1 {
            paths.insert(path.clone());
        }
        path.clear();
        path.extend_from_slice(prefix);
    };
    let mut groups = Vec::new();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) => {
                if !goes_on {
                    end(&mut path);
                }
                if !is_member {
                    path.push(ident.to_string());
                }
                (goes_on, is_member) = (false, false);
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => {
                let is_double = tokens.next_if(
                    |next| matches!(next, TokenTree::Punct(next) if next.as_char() == ':'),
                );
                match is_double {
                    // One that begins with `::` leads to another crate.
                    Some(_) if path.len() > prefix.len() => goes_on = true,
                    Some(_) => is_member = true,
                    None => {
                        end(&mut path);
                        goes_on = true;
                    }
                }
            }
            TokenTree::Punct(punct) => {
                end(&mut path);
                (goes_on, is_member) = (true, punct.as_char() == '.');
            }
            TokenTree::Group(group) => {
                let is_list = group.delimiter() == Delimiter::Brace && goes_on;
                let before = match is_list && path.len() > prefix.len() {
                    true => std::mem::take(&mut path),
                    false => Vec::new(),
                };
                end(&mut path);
                (goes_on, is_member) = (true, false);
                groups.push((group.stream(), before));
            }
            TokenTree::Literal(_) => {
                end(&mut path);
                (goes_on, is_member) = (true, false);
            }
        }
    }
    end(&mut path);
    for (group, before) in groups {
        read_paths(group, &before, paths);
    }
}

fn name_of(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        _ => return None,
    };
    Some(ident.to_string())
}

fn is_for_tests(item: &Item) -> bool {
    let attributes = match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg")
                && attribute
                    .meta
                    .to_token_stream()
                    .to_string()
                    .replace(' ', "")
                    == "cfg(test)"
    })
}
