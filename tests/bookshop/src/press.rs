//! What the press says of books: a catalogue in front of the one in the data directory.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use protium::commerce::{
    Catalogue, CatalogueWrapper, Context, Metafield, MetafieldName, Product, ProviderError,
};
use protium::prelude::Setup;
use protium::{async_trait, serde_json};

/// A book, and the same one with its quotation.
type Quoted = (Arc<Product>, Arc<Product>);

/// Gives books the metafield `press.quote`.
pub struct Press {
    catalogue: Arc<dyn Catalogue>,
    name: MetafieldName,
    quotes: HashMap<String, Metafield>,
    /// By handle: whoever asks again gets the same product until the book changes.
    quoted: Mutex<HashMap<String, Quoted>>,
}

/// Reads the quotations: an object with a text for each handle.
pub async fn connect(setup: Setup) -> Result<Press, Box<dyn Error + Send + Sync>> {
    let file = std::fs::read(setup.root.join("data/press.json"))?;
    let texts: HashMap<String, String> = serde_json::from_slice(&file)?;
    let quotes = texts
        .into_iter()
        .map(|(handle, text)| Ok((handle, Metafield::text(&text)?)));
    Ok(Press {
        catalogue: setup.catalogue,
        name: MetafieldName::new("press", "quote")?,
        quotes: quotes.collect::<Result<_, Box<dyn Error + Send + Sync>>>()?,
        quoted: Mutex::default(),
    })
}

#[async_trait]
impl CatalogueWrapper for Press {
    fn wrapped(&self) -> &dyn Catalogue {
        &*self.catalogue
    }

    async fn product(
        &self,
        context: &Context,
        handle: &str,
    ) -> Result<Option<Arc<Product>>, ProviderError> {
        let found = self.catalogue.product(context, handle).await?;
        let (Some(book), Some(quote)) = (&found, self.quotes.get(handle)) else {
            return Ok(found);
        };
        let mut quoted = self.quoted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, same)) = quoted.get(handle).filter(|(of, _)| Arc::ptr_eq(of, book)) {
            return Ok(Some(Arc::clone(same)));
        }
        let mut made = Product::clone(book);
        made.metafields.insert(self.name.clone(), quote.clone());
        let made = Arc::new(made);
        let entry = (Arc::clone(book), Arc::clone(&made));
        quoted.insert(handle.to_owned(), entry);
        Ok(Some(made))
    }
}
