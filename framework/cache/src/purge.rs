//! What is to be forgotten.

use super::name::is_name;

/// A purge. It also holds for values that are being loaded while it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purge {
    /// What it reaches.
    pub scope: Scope,
    /// Entries become stale instead of going away: they are shown once more while new ones are
    /// loaded.
    pub soft: bool,
}

/// What a purge reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All entries that depend on this.
    Tag(String),
    /// All entries whose key begins like this.
    Prefix(String),
    /// All entries.
    All,
}

impl Purge {
    /// Entries with this tag go away.
    pub fn tag(tag: impl Into<String>) -> Purge {
        Scope::Tag(tag.into()).into()
    }

    /// Entries whose key begins like this go away.
    pub fn prefix(prefix: impl Into<String>) -> Purge {
        Scope::Prefix(prefix.into()).into()
    }

    /// Everything goes away.
    pub fn all() -> Purge {
        Scope::All.into()
    }

    /// The same purge, which leaves entries stale.
    pub fn soft(self) -> Purge {
        Purge { soft: true, ..self }
    }

    /// Whether the name can reach anything: tags and prefixes that cannot be one purge nothing.
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
