//! Which SKUs and pages a run is about.

use std::error::Error;

use async_trait::async_trait;
use protium_types::Tag;
use serde::{Deserialize, Serialize};

/// What is to be warmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// Every SKU that a visitor can see.
    All,
    /// So many SKUs: of the products that are looked at most, then of the others.
    Most(usize),
    /// Those of so many products that are looked at most.
    Viewed(usize),
    /// Those of a collection, by its handle.
    Collection(String),
    /// These.
    Skus(Vec<String>),
    /// Whatever depends on these tags.
    Tags(Vec<String>),
}

/// A SKU to ask modules for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The SKU.
    pub sku: String,
    /// The tag of what it belongs to, such as `product:17`: a purge of it makes the answer go.
    pub of: Tag,
    /// The tag of what shows the answer: it is purged when an answer says something new.
    pub shown: Tag,
}

/// What a run does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The SKUs.
    pub targets: Vec<Target>,
    /// Paths of the pages that show them.
    pub paths: Vec<String>,
}

/// Knows which SKUs there are, and which pages show them.
#[async_trait]
pub trait Targets: Send + Sync {
    /// What is to be done for a choice.
    async fn plan(&self, choice: &Choice) -> Result<Plan, Box<dyn Error + Send + Sync>>;

    /// What a purge of this tag reaches.
    fn purge_impact(&self, tag: &str) -> PurgeImpact;

    /// Stores what it knows of visitors for the next start. Called before each scheduled run.
    fn keep(&self) {}
}

/// What a purge of a tag reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PurgeImpact {
    /// Answers that belong to it, and pages that show them: it is the `of` of targets.
    Answers,
    /// Pages that show answers: it is the `shown` of targets.
    Pages,
    /// Any page.
    AllPages,
    /// Neither.
    Nothing,
}
