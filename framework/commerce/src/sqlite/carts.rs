//! Carts in the database. Every change is one transaction on the writer's thread, with the stock
//! read inside of it.

use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::Store;
use super::catalogue::PIECES;
use super::failure::failure;
use super::price_list::AskedList;
use crate::cart::{Cart, CartError, CartId, CartLine, MAX_LINES, MAX_QUANTITY, first_version};
use crate::provider::{Carts, ProviderError};
use crate::{Context, Currency};

/// Carts that one sweep deletes at most, so that visitors' changes come in between.
const SWEEP_BATCH: u16 = 500;

/// Why a change inside a transaction stopped.
enum Stop {
    Refused(CartError),
    Failed(rusqlite::Error),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<CartError> for Stop {
    fn from(error: CartError) -> Self {
        Self::Refused(error)
    }
}

/// What a change works on.
struct Change<'a> {
    transaction: &'a Transaction<'a>,
    now: i64,
    /// Carts changed before this second have expired.
    expired: i64,
    /// The price list it is sold by.
    list: i64,
}

/// What a variant says about being sold.
struct Offer {
    /// Whether it is offered at all.
    sold: bool,
    /// Pieces that can be had, where stock limits them.
    stock: Option<i64>,
}

impl Change<'_> {
    fn exists(&self, id: &CartId) -> rusqlite::Result<bool> {
        self.transaction
            .prepare_cached("SELECT 1 FROM cart WHERE id = ?1 AND changed_at >= ?2")?
            .exists(params![id.as_str(), self.expired])
    }

    /// Makes the cart unless it is there. What was left of an expired one of the same id goes.
    fn create(&self, id: &CartId) -> rusqlite::Result<()> {
        if self.exists(id)? {
            return Ok(());
        }
        self.transaction
            .prepare_cached("DELETE FROM cart WHERE id = ?1")?
            .execute([id.as_str()])?;
        self.transaction
            .prepare_cached("INSERT INTO cart (id, version, changed_at) VALUES (?1, ?2, ?3)")?
            .execute(params![id.as_str(), first_version(), self.now])
            .map(drop)
    }

    fn touch(&self, id: &CartId) -> rusqlite::Result<()> {
        self.transaction
            .prepare_cached("UPDATE cart SET version = version + 1, changed_at = ?2 WHERE id = ?1")?
            .execute(params![id.as_str(), self.now])
            .map(drop)
    }

    fn quantity(&self, id: &CartId, line: i64) -> rusqlite::Result<Option<i64>> {
        self.transaction
            .prepare_cached("SELECT quantity FROM cart_line WHERE cart_id = ?1 AND id = ?2")?
            .query_row(params![id.as_str(), line], |row| row.get(0))
            .optional()
    }

    fn lines(&self, id: &CartId) -> rusqlite::Result<i64> {
        self.transaction
            .prepare_cached("SELECT count(*) FROM cart_line WHERE cart_id = ?1")?
            .query_row([id.as_str()], |row| row.get(0))
    }

    fn offer(&self, variant: i64) -> rusqlite::Result<Option<Offer>> {
        self.transaction
            .prepare_cached(&format!(
                "SELECT v.position IS NOT NULL AND p.published = 1, \
                        CASE v.oversell WHEN 1 THEN NULL ELSE {PIECES} END \
                 FROM variant v JOIN product p ON p.id = v.product_id \
                 JOIN price c ON c.variant_id = v.id AND c.list_id = ?2 WHERE v.id = ?1"
            ))?
            .query_row([variant, self.list], |row| {
                Ok(Offer {
                    sold: row.get(0)?,
                    stock: row.get(1)?,
                })
            })
            .optional()
    }

    /// Whether a line of this many pieces can be had, `held` of which the cart had before the rest
    /// was added.
    fn check(&self, variant: i64, quantity: i64, held: i64) -> Result<(), Stop> {
        let Some(offer) = self.offer(variant)?.filter(|offer| offer.sold) else {
            return Err(CartError::UnknownVariant.into());
        };
        match offer.stock {
            Some(stock) if quantity > stock => Err(CartError::SoldOut {
                available: stock.max(0),
                held,
            }
            .into()),
            _ => Ok(()),
        }
    }

    fn add(&self, id: &CartId, variant: i64, quantity: i64) -> Result<(), Stop> {
        let held = self.quantity(id, variant)?;
        let wanted = held.unwrap_or(0) + quantity;
        self.check(variant, wanted, held.unwrap_or(0))?;
        if wanted > MAX_QUANTITY {
            return Err(CartError::QuantityOutOfRange {
                min: 1,
                max: MAX_QUANTITY,
            }
            .into());
        }
        if held.is_none() && self.lines(id)? >= MAX_LINES {
            return Err(CartError::TooManyLines.into());
        }
        self.transaction
            .prepare_cached(
                "INSERT INTO cart_line (cart_id, id, variant_id, position, quantity) \
                 SELECT ?1, ?2, ?2, coalesce(max(position), 0) + 1, ?3 \
                 FROM cart_line WHERE cart_id = ?1 \
                 ON CONFLICT (cart_id, id) DO UPDATE SET quantity = excluded.quantity",
            )?
            .execute(params![id.as_str(), variant, wanted])?;
        Ok(self.touch(id)?)
    }

    fn set(&self, id: &CartId, line: i64, quantity: i64) -> Result<(), Stop> {
        let held = self.quantity(id, line)?.ok_or(CartError::UnknownLine)?;
        if held == quantity {
            return Ok(());
        }
        // Fewer pieces are always better than more, even when stock has shrunk below both.
        if quantity > held {
            self.check(line, quantity, 0)?;
        }
        self.transaction
            .prepare_cached("UPDATE cart_line SET quantity = ?3 WHERE cart_id = ?1 AND id = ?2")?
            .execute(params![id.as_str(), line, quantity])?;
        Ok(self.touch(id)?)
    }

    fn remove(&self, id: &CartId, line: i64) -> Result<(), Stop> {
        let gone = self
            .transaction
            .prepare_cached("DELETE FROM cart_line WHERE cart_id = ?1 AND id = ?2")?
            .execute(params![id.as_str(), line])?;
        if gone > 0 {
            self.touch(id)?;
        }
        Ok(())
    }
}

/// Reads a cart that has not expired.
fn load(
    connection: &Connection,
    id: &CartId,
    expired: i64,
    list: i64,
    currency: Currency,
) -> rusqlite::Result<Option<Cart>> {
    let head = connection
        .prepare_cached("SELECT version, note FROM cart WHERE id = ?1 AND changed_at >= ?2")?
        .query_row(params![id.as_str(), expired], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((version, note)) = head else {
        return Ok(None);
    };
    let lines = connection
        .prepare_cached(&format!(
            "SELECT l.variant_id, p.handle, p.title, v.title, coalesce(v.image, p.image_src), \
                    l.quantity, coalesce(c.amount, 0), \
                    CASE WHEN c.compare_at > c.amount THEN c.compare_at END, \
                    CASE v.oversell WHEN 1 THEN NULL ELSE {PIECES} END, \
                    v.position IS NOT NULL AND p.published = 1 AND c.amount IS NOT NULL \
             FROM cart_line l JOIN variant v ON v.id = l.variant_id \
             JOIN product p ON p.id = v.product_id \
             LEFT JOIN price c ON c.variant_id = v.id AND c.list_id = ?2 \
             WHERE l.cart_id = ?1 ORDER BY l.position"
        ))?
        .query_map(params![id.as_str(), list], |row| {
            let variant_id = row.get(0)?;
            let quantity: i64 = row.get(5)?;
            let unit_price: i64 = row.get(6)?;
            let stock: Option<i64> = row.get(8)?;
            let sold: bool = row.get(9)?;
            Ok(CartLine {
                id: variant_id,
                variant_id,
                handle: row.get(1)?,
                title: row.get(2)?,
                variant_title: row.get(3)?,
                image_src: row.get(4)?,
                quantity,
                unit_price,
                line_total: unit_price.saturating_mul(quantity),
                compare_at: row.get(7)?,
                available: sold && stock.is_none_or(|pieces| pieces > 0),
                max: stock.map(|pieces| pieces.max(0)),
            })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(Some(Cart {
        id: id.clone(),
        version,
        count: lines.iter().map(|line| line.quantity).sum(),
        subtotal: lines
            .iter()
            .filter(|line| line.available)
            .fold(0, |sum, line| line.line_total.saturating_add(sum)),
        lines,
        currency: currency.code(),
        note,
    }))
}

/// Deletes some carts that have expired and says whether there may be more. What fails now is
/// tried again by the next sweep.
pub(super) fn sweep(connection: &mut Connection, lifetime: Duration) -> bool {
    let swept = connection.execute(
        "DELETE FROM cart WHERE id IN (SELECT id FROM cart WHERE changed_at < ?1 LIMIT ?2)",
        params![before(now(), lifetime), SWEEP_BATCH],
    );
    swept.inspect_err(|error| tracing::warn!(%error, "expired carts could not be deleted"))
        == Ok(usize::from(SWEEP_BATCH))
}

/// Seconds since 1970.
fn now() -> i64 {
    first_version() / 1_000
}

fn before(now: i64, lifetime: Duration) -> i64 {
    now.saturating_sub(i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX))
}

impl Store {
    /// Runs a change of an existing cart and answers with the cart after it.
    async fn change(
        &self,
        context: &Context,
        id: &CartId,
        change: impl FnOnce(&Change<'_>, &CartId) -> Result<(), Stop> + Send + 'static,
    ) -> Result<Cart, CartError> {
        let id = id.clone();
        self.transact(context, move |work| {
            if !work.exists(&id)? {
                return Err(CartError::UnknownCart.into());
            }
            change(work, &id)?;
            Ok(id)
        })
        .await
    }

    async fn transact(
        &self,
        context: &Context,
        change: impl FnOnce(&Change<'_>) -> Result<CartId, Stop> + Send + 'static,
    ) -> Result<Cart, CartError> {
        let currency = context.currency;
        let asked = AskedList::of(context);
        let lifetime = self.0.options.cart_lifetime;
        let job = move |connection: &mut Connection| -> Result<Cart, Stop> {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let list = asked.id(&transaction).map_err(CartError::Provider)?;
            let now = now();
            let expired = before(now, lifetime);
            let id = change(&Change {
                transaction: &transaction,
                now,
                expired,
                list,
            })?;
            let cart =
                load(&transaction, &id, expired, list, currency)?.ok_or(CartError::UnknownCart)?;
            transaction.commit()?;
            Ok(cart)
        };
        self.0
            .writer
            .run(context.deadline, job)
            .await?
            .map_err(|stop| match stop {
                Stop::Refused(error) => error,
                Stop::Failed(error) => CartError::Provider(failure("changing a cart", error)),
            })
    }
}

#[async_trait]
impl Carts for Store {
    async fn cart(&self, context: &Context, id: &CartId) -> Result<Option<Cart>, ProviderError> {
        let expired = before(now(), self.0.options.cart_lifetime);
        let asked = AskedList::of(context);
        let read = |connection: &Connection| {
            let list = asked.id(connection)?;
            let snapshot = connection.unchecked_transaction();
            snapshot
                .and_then(|snapshot| load(&snapshot, id, expired, list, context.currency))
                .map_err(|error| failure("reading a cart", error))
        };
        self.0.readers.quick(context.deadline, read).await?
    }

    async fn add(
        &self,
        context: &Context,
        id: Option<&CartId>,
        variant_id: i64,
        quantity: i64,
    ) -> Result<Cart, CartError> {
        if !(1..=MAX_QUANTITY).contains(&quantity) {
            return Err(CartError::QuantityOutOfRange {
                min: 1,
                max: MAX_QUANTITY,
            });
        }
        let id = match id {
            Some(id) => id.clone(),
            None => CartId::random()?,
        };
        self.transact(context, move |work| {
            work.create(&id)?;
            work.add(&id, variant_id, quantity)?;
            Ok(id)
        })
        .await
    }

    async fn set_quantity(
        &self,
        context: &Context,
        id: &CartId,
        line: i64,
        quantity: i64,
    ) -> Result<Cart, CartError> {
        match quantity {
            0 => self.remove(context, id, line).await,
            1..=MAX_QUANTITY => {
                self.change(context, id, move |work, id| work.set(id, line, quantity))
                    .await
            }
            _ => Err(CartError::QuantityOutOfRange {
                min: 0,
                max: MAX_QUANTITY,
            }),
        }
    }

    async fn remove(&self, context: &Context, id: &CartId, line: i64) -> Result<Cart, CartError> {
        self.change(context, id, move |work, id| work.remove(id, line))
            .await
    }
}
