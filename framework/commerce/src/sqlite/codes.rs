//! Variants by SKU and barcode. A code that several variants on sale have names none of them.

use protium_types::Tag;
use rusqlite::Connection;

use super::failure::failure;
use super::store::Store;
use crate::provider::Catalogue;
use crate::{Context, ProviderError, VariantMatch};

/// By what a variant is looked for.
#[derive(Clone, Copy)]
pub(super) enum Code<'a> {
    Sku(&'a str),
    /// Without hyphens and spaces.
    Barcode(&'a str),
}

/// The variant on sale that alone has a code, and the handle of its product.
fn by_code(connection: &Connection, code: Code<'_>) -> rusqlite::Result<Option<(i64, String)>> {
    let (code, condition) = match code {
        Code::Sku(sku) => (sku, "v.sku = ?1"),
        Code::Barcode(barcode) => (
            barcode,
            "v.barcode <> '' AND replace(replace(v.barcode, '-', ''), ' ', '') = ?1",
        ),
    };
    if code.is_empty() {
        return Ok(None);
    }
    let mut query = connection.prepare_cached(&format!(
        "SELECT v.id, p.handle FROM variant v JOIN product p ON p.id = v.product_id \
         WHERE {condition} AND v.position IS NOT NULL AND p.published = 1 LIMIT 2"
    ))?;
    let mut rows = query.query([code])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let found = (row.get(0)?, row.get(1)?);
    Ok(rows.next()?.is_none().then_some(found))
}

impl Store {
    /// The variant that a code names, with its product.
    pub(super) async fn variant_by(
        &self,
        context: &Context,
        code: Code<'_>,
    ) -> Result<Option<VariantMatch>, ProviderError> {
        let read = |connection: &Connection| by_code(connection, code);
        let found = self
            .0
            .readers
            .quick(context.deadline, read)
            .await?
            .map_err(|error| failure("finding a variant by its code", error))?;
        let Some((variant_id, handle)) = found else {
            context.recorder.freshness(self.0.options.freshness);
            context.recorder.tag(Tag::catalogue());
            return Ok(None);
        };
        let product = self.product(context, &handle).await?;
        // The list may not sell it, and it may have changed since the first query.
        let found = product.map(|product| VariantMatch {
            product,
            variant_id,
        });
        Ok(found.filter(|found| found.variant().is_some()))
    }
}
