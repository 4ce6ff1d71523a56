//! What a purge removes.

use super::name::is_name;

/// A purge. It also applies to values that are being loaded while it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purge {
    /// What it applies to.
    pub scope: Scope,
    /// A soft purge makes entries stale instead of removing them: they are served once more while
    /// new ones are loaded.
    pub soft: bool,
}

/// What a purge applies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All entries with this tag.
    Tag(String),
    /// All entries whose key has this prefix.
    Prefix(String),
    /// All entries.
    All,
}

impl Purge {
    /// Removes entries with this tag.
    pub fn tag(tag: impl Into<String>) -> Purge {
        Scope::Tag(tag.into()).into()
    }

    /// Removes entries whose key has this prefix.
    pub fn prefix(prefix: impl Into<String>) -> Purge {
        Scope::Prefix(prefix.into()).into()
    }

    /// Removes everything.
    pub fn all() -> Purge {
        Scope::All.into()
    }

    /// The same purge, but soft.
    pub fn soft(self) -> Purge {
        Purge { soft: true, ..self }
    }

    /// `tag`, `prefix` or `all`.
    pub(super) fn kind(&self) -> &'static str {
        match &self.scope {
            Scope::Tag(_) => "tag",
            Scope::Prefix(_) => "prefix",
            Scope::All => "all",
        }
    }

    /// The tag or prefix; empty for all.
    pub(super) fn name(&self) -> &str {
        match &self.scope {
            Scope::Tag(name) | Scope::Prefix(name) => name,
            Scope::All => "",
        }
    }

    /// Whether anything can match: an invalid tag or prefix purges nothing.
    pub fn is_sound(&self) -> bool {
        match &self.scope {
            Scope::Tag(name) | Scope::Prefix(name) => is_name(name),
            Scope::All => true,
        }
    }
}

impl From<Scope> for Purge {
    fn from(scope: Scope) -> Purge {
        Purge { scope, soft: false }
    }
}
