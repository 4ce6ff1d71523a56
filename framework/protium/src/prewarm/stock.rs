//! The shop's database, as edge modules and the prewarm ask it.

use std::collections::BTreeSet;
use std::error::Error;
use std::time::{Duration, Instant};

use async_trait::async_trait;

use crate::prewarm::answers::Answers;
use crate::prewarm::job::{Choice, Plan, PurgeImpact, Target, Targets};
use crate::prewarm::sku::Stock;
use crate::prewarm::sku::StockDatabase;
use crate::prewarm::views::Views;
use protium_commerce::ProviderError;
use protium_commerce::sqlite::Store;
use protium_commerce::stock::{Sku, SkuChoice};
use protium_types::{Tag, Url};

/// The time that finding out what to do has, on a catalogue of any size.
const TIME: Duration = Duration::from_secs(30);
/// The time that one SKU has.
const QUICK: Duration = Duration::from_secs(1);
/// SKUs of one run, however many there are.
const MOST: usize = 1_000_000;

/// The path of a product's page.
pub(crate) fn product_path(handle: &str) -> String {
    Url::path_of(&["products", handle]).to_string()
}

/// The database of a shop, and what its visitors look at.
pub(crate) struct ShopStock {
    pub store: Store,
    pub views: Views,
    pub answers: Option<Answers>,
}

#[async_trait]
impl StockDatabase for ShopStock {
    async fn stock(&self, sku: &str) -> Result<Option<Stock>, Box<dyn Error + Send + Sync>> {
        let found = self.store.stock(Instant::now() + QUICK, sku).await?;
        Ok(found.map(|row| Stock {
            pieces: row.pieces,
            price: row.price,
            currency: row.currency.code().to_owned(),
        }))
    }
}

#[async_trait]
impl Targets for ShopStock {
    async fn plan(&self, choice: &Choice) -> Result<Plan, Box<dyn Error + Send + Sync>> {
        let skus = match choice {
            Choice::All => self.skus(SkuChoice::All, MOST).await?,
            Choice::Viewed(products) => self.viewed(*products, MOST).await?,
            Choice::Most(most) => {
                let mut skus = self.viewed(*most, *most).await?;
                if skus.len() < *most {
                    let known: BTreeSet<String> = skus.iter().map(|one| one.sku.clone()).collect();
                    let mut others = self.skus(SkuChoice::All, *most).await?;
                    others.retain(|one| !known.contains(&one.sku));
                    others.truncate(most - skus.len());
                    skus.extend(others);
                }
                skus
            }
            Choice::Collection(handle) => {
                self.skus(SkuChoice::Collection(handle.clone()), MOST)
                    .await?
            }
            Choice::Skus(wanted) => self.skus(SkuChoice::Skus(wanted.clone()), MOST).await?,
            Choice::Tags(tags) => {
                let ids: BTreeSet<i64> = tags.iter().filter_map(|tag| product_in(tag)).collect();
                let ids = ids.into_iter().collect();
                self.skus(SkuChoice::Products(ids), MOST).await?
            }
        };
        let paths = self.paths(&skus).await?;
        let targets = skus.into_iter().map(|one| Target {
            of: Tag::product(one.product),
            shown: Tag::stock(one.product),
            sku: one.sku,
        });
        let mut targets: Vec<Target> = targets.collect();
        if let Choice::Skus(wanted) = choice {
            let known: BTreeSet<String> = targets.iter().map(|one| one.sku.clone()).collect();
            // What the shop does not know, the modules do not know either: they say so.
            let unknown = wanted.iter().filter(|sku| !known.contains(*sku));
            targets.extend(unknown.map(|sku| Target {
                sku: sku.clone(),
                of: Tag::catalogue(),
                shown: Tag::catalogue(),
            }));
        }
        Ok(Plan { targets, paths })
    }

    fn purge_impact(&self, tag: &str) -> PurgeImpact {
        purge_impact(tag)
    }

    fn keep(&self) {
        if let Some(file) = self.answers.as_ref().and_then(Answers::file)
            && let Some(views) = self.views.news()
        {
            file.put_views(views);
        }
    }
}

impl ShopStock {
    /// What this database has. What visitors looked at before is known with the answers.
    pub fn new(store: &Store, answers: Option<Answers>) -> ShopStock {
        let file = answers.as_ref().and_then(Answers::file);
        let known = file.map(|file| file.views(crate::prewarm::views::KEPT));
        ShopStock {
            store: store.clone(),
            views: Views::new(known.unwrap_or_default()),
            answers,
        }
    }

    /// The pages of so many products that were looked at most, those of their collections, and
    /// home.
    pub async fn most_viewed(&self, products: usize) -> Result<Vec<String>, ProviderError> {
        let skus = self.viewed(products, MOST).await?;
        self.paths(&skus).await
    }

    async fn skus(&self, choice: SkuChoice, most: usize) -> Result<Vec<Sku>, ProviderError> {
        self.store.skus(Instant::now() + TIME, choice, most).await
    }

    /// The SKUs of so many products that were looked at most.
    async fn viewed(&self, products: usize, most: usize) -> Result<Vec<Sku>, ProviderError> {
        let handles = self.views.most(products);
        self.skus(SkuChoice::Handles(handles), most).await
    }

    /// The pages that show these SKUs: their products, the collections of those, and home.
    async fn paths(&self, skus: &[Sku]) -> Result<Vec<String>, ProviderError> {
        let products: BTreeSet<i64> = skus.iter().map(|one| one.product).collect();
        if products.is_empty() {
            return Ok(Vec::new());
        }
        let handles: BTreeSet<&str> = skus.iter().map(|one| one.handle.as_str()).collect();
        let mut paths: Vec<String> = handles.into_iter().map(product_path).collect();
        let collections = self
            .store
            .collections_of(Instant::now() + TIME, products.into_iter().collect())
            .await?;
        let collections = collections
            .into_iter()
            .map(|(_, handle)| Url::path_of(&["collections", &handle]).to_string());
        paths.extend(collections);
        paths.push("/".to_owned());
        Ok(paths)
    }
}

/// What a purge of a tag reaches.
pub(crate) fn purge_impact(tag: &str) -> PurgeImpact {
    match tag.split_once(':') {
        Some(("product", _)) => PurgeImpact::Answers,
        Some(("stock", _)) => PurgeImpact::Pages,
        Some(("template", _)) => PurgeImpact::AllPages,
        _ if tag == "catalogue" => PurgeImpact::AllPages,
        _ => PurgeImpact::Nothing,
    }
}

/// The product in `product:ID` or `stock:ID`.
fn product_in(tag: &str) -> Option<i64> {
    let id = tag
        .strip_prefix("product:")
        .or_else(|| tag.strip_prefix("stock:"))?;
    id.parse().ok()
}
