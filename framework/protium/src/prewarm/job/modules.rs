//! What is asked about one SKU: `inventory` for the stock, then `price` for the price of the
//! region, where they are configured.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::prewarm::answers::Lifetime;
use crate::prewarm::answers::SkuAnswer;
use crate::prewarm::answers::lifetime::TIME_TO_LIVE;
use crate::prewarm::sku as sku_run;
use protium_wasm::functions::Cause;
use protium_wasm::functions::Edge;
use protium_wasm::functions::Run;
use protium_wasm::functions::RunError;

/// The module that knows the stock.
const INVENTORY: &str = "inventory";
/// The module that knows the price of a region.
const PRICE: &str = "price";

/// The modules that are asked.
#[derive(Clone)]
pub struct Modules {
    edge: Arc<ArcSwap<Edge>>,
    inventory: bool,
    price: bool,
}

/// Why there is no answer about a SKU.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// A module has none.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A backend that a module calls had no answer, or all instances of a module were in use: there
    /// may be an answer when it is asked again.
    #[error("{problem}")]
    Retry {
        /// What came of it.
        problem: String,
    },
    /// What it said is not one.
    #[error("the edge module `{module}` answered with something that is no answer about this SKU")]
    Nonsense {
        /// The module.
        module: &'static str,
    },
}

impl AskError {
    /// Whether another try may help.
    pub fn is_retryable(&self) -> bool {
        matches!(self, AskError::Retry { .. })
    }
}

impl Modules {
    /// Those of a node; `None` when it has neither.
    pub fn of(edge: Edge) -> Option<Modules> {
        let has = |wanted: &str| edge.modules().any(|name| name == wanted);
        let (inventory, price) = (has(INVENTORY), has(PRICE));
        (inventory || price).then(|| Modules {
            edge: Arc::new(ArcSwap::from_pointee(edge)),
            inventory,
            price,
        })
    }

    /// The names of the modules that a shop runs.
    pub const NAMES: [&str; 2] = [INVENTORY, PRICE];

    /// Whether a node with these modules has something to prewarm.
    pub fn are_among<'a>(mut names: impl Iterator<Item = &'a String>) -> bool {
        names.any(|name| Modules::NAMES.contains(&name.as_str()))
    }

    /// All modules of the node.
    pub fn edge(&self) -> Arc<Edge> {
        self.edge.load_full()
    }

    /// Runs these modules from now on. Runs in progress finish on the old ones.
    pub fn replace(&self, edge: Edge) {
        self.edge.store(Arc::new(edge));
    }

    /// The answer about a SKU. What modules keep for themselves lasts until it is due to be asked
    /// for again. `takes_stale`: whether a stale stock or price is an answer while the backend
    /// fails.
    pub async fn ask(
        &self,
        region: &str,
        sku: &str,
        life: Lifetime,
        takes_stale: bool,
    ) -> Result<SkuAnswer, AskError> {
        let kept_for = format!("{}ms", life.due.as_millis().max(1));
        let run = sku_run::run(sku, region).with(TIME_TO_LIVE, kept_for);
        match self.both(&run, sku).await {
            Ok(answer) if answer.stale && run.backend_failed() && !takes_stale => {
                Err(AskError::Retry {
                    problem: "there is a stale answer only".to_owned(),
                })
            }
            Err(AskError::Run(error)) if run.backend_failed() || error.cause == Cause::Busy => {
                Err(AskError::Retry {
                    problem: error.to_string(),
                })
            }
            answer => answer,
        }
    }

    async fn both(&self, run: &Run, sku: &str) -> Result<SkuAnswer, AskError> {
        let edge = self.edge();
        let stock = match self.inventory {
            true => Some(one(&edge, INVENTORY, run, sku).await?),
            false => None,
        };
        if !self.price
            && let Some(answer) = stock
        {
            return Ok(answer);
        }
        let price = one(&edge, PRICE, run, sku).await?;
        Ok(match stock {
            None => price,
            Some(stock) => SkuAnswer {
                stock: stock.stock,
                ts: price.ts.min(stock.ts),
                stale: price.stale || stock.stale,
                ..price
            },
        })
    }

    /// Makes the modules forget what they keep about the stock of a SKU.
    pub async fn forget(&self, region: &str, sku: &str) {
        if let Err(error) = self.edge().forget(region, &format!("stock:{sku}")).await {
            tracing::debug!(%error, "an edge module goes on with what it kept");
        }
    }
}

async fn one(
    edge: &Edge,
    module: &'static str,
    run: &Run,
    sku: &str,
) -> Result<SkuAnswer, AskError> {
    let answer = edge.run(module, run).await?;
    SkuAnswer::read(&answer.body)
        .filter(|answer| answer.sku == sku)
        .ok_or(AskError::Nonsense { module })
}
