//! Query parameters that a page declares. What it does not declare is neither in the key of the
//! kept page nor shown to its handler: nobody makes a second page of one address by writing
//! something behind it, and no handler reads what a key lacks.

use std::borrow::Cow;
use std::sync::Arc;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

/// The parameters of a page. The first value of a name that is one of its values counts, unless
/// every one does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeclaredParams(Vec<Param>);

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Param {
    name: String,
    /// Absent: any value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    values: Option<Vec<String>>,
    /// Where it is there, no other one is read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    decides: bool,
    /// An empty value is none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    filled: bool,
    /// Every value counts, and each once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    every: bool,
    /// The name is the beginning of names.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    begins: bool,
}

/// Where it is said which parameters a page has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Declared {
    /// All pages of the route have these.
    ByRoute(DeclaredParams),
    /// Each page says it itself, when it is made without any.
    ByPage,
}

/// What the extractors of a handler declare while a page is made that is to be kept. Lies in the
/// request's extensions.
#[derive(Clone, Debug, Default)]
pub struct DeclaredByHandler(Arc<Mutex<DeclaredParams>>);

impl DeclaredByHandler {
    /// Declares parameters of these names, with any value.
    pub fn any(&self, names: &[&'static str]) {
        let mut declared = self.0.lock();
        for name in names {
            declared.0.push(Param {
                name: (*name).to_owned(),
                ..Param::default()
            });
        }
    }

    /// All that was declared.
    pub fn take(&self) -> DeclaredParams {
        std::mem::take(&mut *self.0.lock())
    }
}

impl DeclaredParams {
    /// With a parameter of any value.
    #[must_use]
    pub fn any(self, name: impl Into<String>) -> Self {
        self.with(Param {
            name: name.into(),
            ..Param::default()
        })
    }

    /// With a parameter of any value but an empty one.
    #[must_use]
    pub fn filled(self, name: impl Into<String>) -> Self {
        self.with(Param {
            name: name.into(),
            filled: true,
            ..Param::default()
        })
    }

    /// With a parameter of any values but empty ones, each of which counts.
    #[must_use]
    pub fn every(self, name: impl Into<String>) -> Self {
        self.with(Param {
            name: name.into(),
            filled: true,
            every: true,
            ..Param::default()
        })
    }

    /// The same for all names that begin like this.
    #[must_use]
    pub fn every_beginning_with(self, name: impl Into<String>) -> Self {
        self.with(Param {
            name: name.into(),
            filled: true,
            every: true,
            begins: true,
            ..Param::default()
        })
    }

    /// With a parameter of these values.
    #[must_use]
    pub fn one_of<V: Into<String>>(
        self,
        name: impl Into<String>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        self.with(Param {
            name: name.into(),
            values: Some(values.into_iter().map(Into::into).collect()),
            ..Param::default()
        })
    }

    /// With a parameter of these values that decides alone: where it is there, no other one is
    /// read.
    #[must_use]
    pub fn deciding<V: Into<String>>(
        self,
        name: impl Into<String>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        self.with(Param {
            name: name.into(),
            values: Some(values.into_iter().map(Into::into).collect()),
            decides: true,
            ..Param::default()
        })
    }

    fn with(mut self, param: Param) -> Self {
        self.0.push(param);
        self
    }

    /// A normal target with nothing in it but what is declared, sorted by name.
    pub fn target<'a>(&self, target: &'a str) -> Cow<'a, str> {
        let Some((path, query)) = target.split_once('?') else {
            return Cow::Borrowed(target);
        };
        let mut kept: Vec<(Cow<'_, str>, Cow<'_, str>)> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let Some(param) = self.0.iter().find(|param| param.takes(&name, &value)) else {
                continue;
            };
            if param.decides {
                kept = vec![(name, value)];
                break;
            }
            let is_known = |(known, same): &(Cow<'_, str>, Cow<'_, str>)| {
                *known == name && (!param.every || *same == value)
            };
            if !kept.iter().any(is_known) {
                kept.push((name, value));
            }
        }
        if kept.is_empty() {
            return Cow::Borrowed(path);
        }
        kept.sort();
        let mut text = format!("{path}?");
        let start = text.len();
        text = form_urlencoded::Serializer::for_suffix(text, start)
            .extend_pairs(kept)
            .finish();
        match text == target {
            true => Cow::Borrowed(target),
            false => Cow::Owned(text),
        }
    }

    /// About how many bytes of memory it takes.
    pub fn weight(&self) -> usize {
        let values = |param: &Param| -> usize {
            let values = param.values.iter().flatten();
            values.map(|value| value.len() + size_of::<String>()).sum()
        };
        self.0
            .iter()
            .map(|param| size_of::<Param>() + param.name.len() + values(param))
            .sum()
    }
}

impl Param {
    fn takes(&self, name: &str, value: &str) -> bool {
        let values = self.values.as_ref();
        let is_named = match self.begins {
            true => name.starts_with(&self.name),
            false => self.name == name,
        };
        is_named
            && !(self.filled && value.is_empty())
            && values.is_none_or(|values| values.iter().any(|one| one == value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use protium_cache::http::key::normalise;

    fn list() -> DeclaredParams {
        DeclaredParams::default()
            .one_of("sort", ["price-asc", "newest"])
            .any("cursor")
    }

    #[test]
    fn what_a_page_does_not_declare_is_not_in_its_address() {
        let sizes = DeclaredParams::default()
            .deciding("variant", ["7"])
            .one_of("Size", ["S", "M"]);
        let target = |asked: &'static str| sizes.target(asked).into_owned();
        assert_eq!(
            target("/products/a?Size=M&Size=S&ref=x"),
            "/products/a?Size=M"
        );
        assert_eq!(
            target("/products/a?Size=M&variant=7"),
            "/products/a?variant=7"
        );
        assert_eq!(target("/products/a?Size=XL&variant=8"), "/products/a");
    }

    #[test]
    fn what_is_not_declared_makes_no_other_page() {
        for target in [
            "/collections/all",
            "/collections/all?x=1",
            "/collections/all?sort=none",
            "/collections/all?Sort=newest&y=&z=2",
        ] {
            assert_eq!(list().target(target), "/collections/all", "{target}");
        }
        assert_eq!(
            list().target("/c?cursor=1&sort=newest&x=3"),
            "/c?cursor=1&sort=newest"
        );
        assert_eq!(
            DeclaredParams::default().target("/?sort=newest&cursor=1"),
            "/"
        );
    }

    #[test]
    fn every_filled_value_is_in_the_address_once_and_sorted() {
        let facets = DeclaredParams::default()
            .every("tag")
            .every_beginning_with("option.")
            .filled("from");
        let asked = "/c?tag=b&option.size=M&tag=&from=&tag=a&tag=b&option.b=1&from=2&from=3";
        assert_eq!(
            facets.target(asked),
            "/c?from=2&option.b=1&option.size=M&tag=a&tag=b"
        );
        assert_eq!(facets.target("/c?from=&tag=&option.a="), "/c");
    }

    #[test]
    fn it_travels_as_json() {
        let declared = Declared::ByRoute(list().deciding("variant", ["1"]));
        let text = serde_json::to_string(&declared).expect("JSON");
        assert_eq!(
            serde_json::from_str::<Declared>(&text).expect("the same"),
            declared
        );
    }

    proptest! {
        #[test]
        fn a_declared_target_is_a_normal_one_and_stays(
            names in prop::collection::vec("(sort|cursor|x|[ -~]{1,6})", 0..6),
            values in prop::collection::vec("(newest|1|[ -~]{0,6})", 6),
        ) {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(names.iter().zip(&values));
            let target = format!("/a?{}", query.finish());
            let Some(normal) = normalise(&target) else { return Ok(()) };
            let declared = list().target(&normal).into_owned();
            prop_assert_eq!(normalise(&declared), Some(declared.clone()));
            let again = list().target(&declared).into_owned();
            prop_assert_eq!(again, declared);
        }
    }
}
