//! Carts in the database. Every change is one transaction on the writer's thread, with the stock
//! read inside of it.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::asked_list::AskedList;
use super::document::to_json;
use super::expired_carts::{before, now};
use super::failure::failure;
use super::rows::{PIECES, json};
use super::store::Store;
use crate::cart::{
    Cart, CartError, CartId, CartItem, LineChange, MAX_LINES, MAX_QUANTITY, NewLine, first_version,
    line_id,
};
use crate::provider::Carts;
use crate::{Context, LineAttributes, ProviderError};

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

/// A line as it is.
struct Line {
    id: i64,
    variant: i64,
    attributes: LineAttributes,
    quantity: i64,
}

/// Whether a line can have so many pieces, of which there are at least `min`.
fn fits(quantity: i64, min: i64) -> Result<(), CartError> {
    let max = MAX_QUANTITY;
    match (min..=max).contains(&quantity) {
        true => Ok(()),
        false => Err(CartError::QuantityOutOfRange { min, max }),
    }
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

    fn line(&self, id: &CartId, line: i64) -> rusqlite::Result<Option<Line>> {
        self.transaction
            .prepare_cached(
                "SELECT variant_id, attributes, quantity FROM cart_line \
                 WHERE cart_id = ?1 AND id = ?2",
            )?
            .query_row(params![id.as_str(), line], |row| {
                Ok(Line {
                    id: line,
                    variant: row.get(0)?,
                    attributes: json(row, 1)?,
                    quantity: row.get(2)?,
                })
            })
            .optional()
    }

    /// Pieces of a variant in all lines.
    fn pieces(&self, id: &CartId, variant: i64) -> rusqlite::Result<i64> {
        self.transaction
            .prepare_cached(
                "SELECT coalesce(sum(quantity), 0) FROM cart_line \
                 WHERE cart_id = ?1 AND variant_id = ?2",
            )?
            .query_row(params![id.as_str(), variant], |row| row.get(0))
    }

    fn lines(&self, id: &CartId) -> rusqlite::Result<i64> {
        self.transaction
            .prepare_cached("SELECT count(*) FROM cart_line WHERE cart_id = ?1")?
            .query_row([id.as_str()], |row| row.get(0))
    }

    /// Whether a variant is sold at all, and the pieces that can be had, where stock limits them.
    fn offer(&self, variant: i64) -> rusqlite::Result<Option<(bool, Option<i64>)>> {
        self.transaction
            .prepare_cached(&format!(
                "SELECT v.position IS NOT NULL AND p.published = 1, \
                        CASE v.oversell WHEN 1 THEN NULL ELSE {PIECES} END \
                 FROM variant v JOIN product p ON p.id = v.product_id \
                 JOIN price c ON c.variant_id = v.id AND c.list_id = ?2 WHERE v.id = ?1"
            ))?
            .query_row([variant, self.list], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
    }

    /// Whether a line of this many pieces can be had, `held` of which the cart had before the rest
    /// was added.
    fn check(&self, variant: i64, quantity: i64, held: i64) -> Result<(), Stop> {
        match self.offer(variant)? {
            Some((true, Some(stock))) if quantity > stock => {
                let available = stock.max(0);
                Err(CartError::SoldOut { available, held }.into())
            }
            Some((true, _)) => Ok(()),
            _ => Err(CartError::UnknownVariant.into()),
        }
    }

    fn add(&self, id: &CartId, new: &NewLine) -> Result<(), Stop> {
        let variant = new.variant_id;
        let attributes = LineAttributes::default().with(&new.attributes);
        let line = line_id(variant, &attributes);
        let held = self.line(id, line)?.map(|line| line.quantity);
        let wanted = held.unwrap_or(0) + new.quantity;
        let in_all = self.pieces(id, variant)?;
        self.check(variant, in_all + new.quantity, in_all)?;
        fits(wanted, 1)?;
        if held.is_none() && self.lines(id)? >= MAX_LINES {
            return Err(CartError::TooManyLines.into());
        }
        self.transaction
            .prepare_cached(
                "INSERT INTO cart_line (cart_id, id, variant_id, attributes, position, quantity) \
                 SELECT ?1, ?2, ?3, ?4, coalesce(max(position), 0) + 1, ?5 \
                 FROM cart_line WHERE cart_id = ?1 \
                 ON CONFLICT (cart_id, id) DO UPDATE SET quantity = excluded.quantity",
            )?
            .execute(params![
                id.as_str(),
                line,
                variant,
                to_json(&attributes)?,
                wanted
            ])?;
        Ok(self.touch(id)?)
    }

    fn change(&self, id: &CartId, line: i64, change: &LineChange) -> Result<(), Stop> {
        let before = self.line(id, line)?.ok_or(CartError::UnknownLine)?;
        let quantity = change.quantity.unwrap_or(before.quantity);
        let attributes = before.attributes.clone().with(&change.attributes);
        // Fewer pieces are always better than more, even when stock has shrunk below both.
        if quantity > before.quantity {
            let others = self.pieces(id, before.variant)? - before.quantity;
            self.check(before.variant, others + quantity, others)?;
        }
        if attributes != before.attributes {
            return self.move_line(id, &before, quantity, &attributes);
        }
        if quantity == before.quantity {
            return Ok(());
        }
        self.set_quantity(id, line, quantity)?;
        Ok(self.touch(id)?)
    }

    fn set_quantity(&self, id: &CartId, line: i64, quantity: i64) -> rusqlite::Result<()> {
        self.transaction
            .prepare_cached("UPDATE cart_line SET quantity = ?3 WHERE cart_id = ?1 AND id = ?2")?
            .execute(params![id.as_str(), line, quantity])
            .map(drop)
    }

    /// Gives a line other attributes: it becomes another line, or joins the one that has them.
    fn move_line(
        &self,
        id: &CartId,
        line: &Line,
        quantity: i64,
        attributes: &LineAttributes,
    ) -> Result<(), Stop> {
        let to = line_id(line.variant, attributes);
        if let Some(other) = self.line(id, to)? {
            let together = other.quantity + quantity;
            fits(together, 1)?;
            self.set_quantity(id, to, together)?;
            return self.remove(id, line.id);
        }
        self.transaction
            .prepare_cached(
                "UPDATE cart_line SET id = ?3, attributes = ?4, quantity = ?5 \
                 WHERE cart_id = ?1 AND id = ?2",
            )?
            .execute(params![
                id.as_str(),
                line.id,
                to,
                to_json(attributes)?,
                quantity
            ])?;
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

/// Version, note and lines of a cart that has not expired.
type StoredCart = (i64, Option<String>, Vec<CartItem>);

fn load(
    connection: &Connection,
    id: &CartId,
    expired: i64,
    list: i64,
) -> rusqlite::Result<Option<StoredCart>> {
    let head = connection
        .prepare_cached("SELECT version, note FROM cart WHERE id = ?1 AND changed_at >= ?2")?
        .query_row(params![id.as_str(), expired], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((version, note)) = head else {
        return Ok(None);
    };
    let items = connection
        .prepare_cached(&format!(
            "SELECT l.variant_id, p.handle, p.title, v.title, coalesce(v.image, p.image_src), \
                    l.quantity, coalesce(c.amount, 0), \
                    CASE WHEN c.compare_at > c.amount THEN c.compare_at END, \
                    CASE v.oversell WHEN 1 THEN NULL ELSE {PIECES} END, \
                    v.position IS NOT NULL AND p.published = 1 AND c.amount IS NOT NULL, \
                    l.attributes \
             FROM cart_line l JOIN variant v ON v.id = l.variant_id \
             JOIN product p ON p.id = v.product_id \
             LEFT JOIN price c ON c.variant_id = v.id AND c.list_id = ?2 \
             WHERE l.cart_id = ?1 ORDER BY l.position"
        ))?
        .query_map(params![id.as_str(), list], |row| {
            Ok(CartItem {
                variant_id: row.get(0)?,
                handle: row.get(1)?,
                title: row.get(2)?,
                variant_title: row.get(3)?,
                image_src: row.get(4)?,
                quantity: row.get(5)?,
                unit_price: row.get(6)?,
                compare_at: row.get(7)?,
                stock: row.get(8)?,
                sold: row.get(9)?,
                attributes: json(row, 10)?,
            })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(Some((version, note, items)))
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
        let asking = context.clone();
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
            let found = load(&transaction, &id, expired, list)?;
            let (version, note, items) = found.ok_or(CartError::UnknownCart)?;
            // A cart that has no price is not changed either.
            let cart = Cart::new(&asking, id, version, note, items).map_err(CartError::Provider)?;
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
                .and_then(|snapshot| load(&snapshot, id, expired, list))
                .map_err(|error| failure("reading a cart", error))?
                .map(|(version, note, items)| Cart::new(context, id.clone(), version, note, items))
                .transpose()
        };
        self.0.readers.quick(context.deadline, read).await?
    }

    async fn add_line(
        &self,
        context: &Context,
        id: Option<&CartId>,
        line: NewLine,
    ) -> Result<Cart, CartError> {
        fits(line.quantity, 1)?;
        let id = match id {
            Some(id) => id.clone(),
            None => CartId::random()?,
        };
        self.transact(context, move |work| {
            work.create(&id)?;
            work.add(&id, &line)?;
            Ok(id)
        })
        .await
    }

    async fn change_line(
        &self,
        context: &Context,
        id: &CartId,
        line: i64,
        change: LineChange,
    ) -> Result<Cart, CartError> {
        fits(change.quantity.unwrap_or(1), 0)?;
        if change.quantity == Some(0) {
            return self.remove(context, id, line).await;
        }
        self.change(context, id, move |work, id| work.change(id, line, &change))
            .await
    }

    async fn remove(&self, context: &Context, id: &CartId, line: i64) -> Result<Cart, CartError> {
        self.change(context, id, move |work, id| work.remove(id, line))
            .await
    }
}
