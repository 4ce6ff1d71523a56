//! Edge modules for handlers. They are loaded as a shop begins to serve, or else at the first use.

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::app::Shop;
use crate::prewarm::error::NoPrewarm;
use crate::prewarm::sku as sku_run;
use protium_types::Region;
use protium_wasm::functions::RunError;

/// An edge module of the shop, ready to be asked.
///
/// ```
/// use protium::prelude::*;
///
/// async fn nearest(shop: Shop, region: Region, Path(sku): Path<String>) -> Result<String> {
///     let module = shop.edge("availability").in_region(region);
///     Ok(module.ask(&sku).await?.text()?.to_owned())
/// }
/// ```
pub struct EdgeModule {
    shop: Shop,
    name: String,
    region: Region,
}

/// What an edge module answered.
///
/// ```
/// use protium::EdgeAnswer;
/// use protium::prelude::*;
/// use protium::serde::Deserialize;
///
/// #[derive(Deserialize)]
/// # #[serde(crate = "protium::serde")]
/// struct Available {
///     shelf: String,
/// }
///
/// fn shelf(answer: &EdgeAnswer) -> Result<String> {
///     let available: Available = answer.json()?;
///     Ok(available.shelf)
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeAnswer {
    module: String,
    body: Bytes,
}

/// Why an edge module has no answer.
///
/// ```
/// use protium::EdgeModuleError;
/// use protium::prelude::*;
///
/// async fn shelf(shop: Shop, Path(sku): Path<String>) -> Result<String> {
///     match shop.edge("availability").ask(&sku).await {
///         Ok(answer) => Ok(answer.text()?.to_owned()),
///         Err(EdgeModuleError::Run(_)) => Ok("ask at the desk".to_owned()),
///         Err(other) => Err(other.into()),
///     }
/// }
/// ```
#[derive(Debug, thiserror::Error)]
pub enum EdgeModuleError {
    /// It is not configured.
    #[error("there is no edge module `{name}`: configure [modules.{name}] in protium.toml")]
    Unknown {
        /// The module.
        name: String,
    },
    /// The modules cannot be loaded.
    #[error("the edge modules cannot be used")]
    Load(#[from] NoPrewarm),
    /// The module failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// It answered with something else than was expected.
    #[error("the edge module `{name}` answered with something else than was expected")]
    Unexpected {
        /// The module.
        name: String,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Shop {
    /// An edge module, by the name that `protium.toml` gives it (`[modules.NAME]`).
    ///
    /// ```
    /// # use protium::prelude::*;
    /// async fn availability(shop: Shop, Path(sku): Path<String>) -> Result<String> {
    ///     let answer = shop.edge("availability").ask(&sku).await?;
    ///     Ok(answer.text()?.to_owned())
    /// }
    /// ```
    pub fn edge(&self, name: impl Into<String>) -> EdgeModule {
        EdgeModule {
            shop: self.clone(),
            name: name.into(),
            region: self.0.region.clone(),
        }
    }
}

impl EdgeModule {
    /// Asked for another region than the one of this server.
    #[must_use]
    pub fn in_region(mut self, region: Region) -> EdgeModule {
        self.region = region;
        self
    }

    /// Asks about one SKU, within the limits of the module's manifest. A page that shows the
    /// answer is fresh for as long as its handler says, by
    /// [`Page::fresh_for`](crate::Page::fresh_for).
    ///
    /// # Errors
    ///
    /// There is no such module, it cannot be loaded, or it failed.
    pub async fn ask(&self, sku: &str) -> Result<EdgeAnswer, EdgeModuleError> {
        let name = &self.name;
        if !self.shop.config().modules.contains_key(name) {
            return Err(EdgeModuleError::Unknown { name: name.clone() });
        }
        let edge = self.shop.edge_of(&self.shop.release()).await?;
        let answer = edge
            .run(name, &sku_run::run(sku, self.region.as_str()))
            .await?;
        Ok(EdgeAnswer {
            module: name.clone(),
            body: answer.body,
        })
    }
}

impl EdgeAnswer {
    /// As it came.
    pub fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// As text.
    ///
    /// # Errors
    ///
    /// It is not UTF-8.
    pub fn text(&self) -> Result<&str, EdgeModuleError> {
        std::str::from_utf8(&self.body).map_err(|error| self.unexpected(error.into()))
    }

    /// As JSON.
    ///
    /// # Errors
    ///
    /// It is not JSON of this shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, EdgeModuleError> {
        serde_json::from_slice(&self.body).map_err(|error| self.unexpected(error.into()))
    }

    fn unexpected(&self, source: Box<dyn std::error::Error + Send + Sync>) -> EdgeModuleError {
        EdgeModuleError::Unexpected {
            name: self.module.clone(),
            source,
        }
    }
}
