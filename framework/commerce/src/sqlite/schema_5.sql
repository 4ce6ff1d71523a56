-- Version 5: prices by price list, stock by location, metafields, attributes of cart lines.
-- Prices and stock are what their tables say; each change is also appended to a table of events,
-- in the same transaction. Whoever changes anything that a page shows need not remember more.

DROP TRIGGER variant_stock;
DROP TRIGGER variant_price;
DROP TRIGGER product_added;
DROP TRIGGER product_revised;

-- 1 within the transaction of an import, which brings up to date by itself what is derived.
ALTER TABLE catalogue ADD COLUMN importing INTEGER NOT NULL DEFAULT 0;
-- Counts changes of what any page may show: collections and price lists.
ALTER TABLE catalogue ADD COLUMN changed_everywhere INTEGER NOT NULL DEFAULT 0;

CREATE TABLE price_list (
  id INTEGER PRIMARY KEY,            -- 1: the shop's default
  name TEXT NOT NULL UNIQUE,
  currency TEXT,                     -- ISO code; NULL: the catalogue's
  CHECK ((id = 1) = (currency IS NULL))
) STRICT;
INSERT INTO price_list (id, name, currency) VALUES (1, 'default', NULL);

-- A variant without a price in a list is not sold by that list.
CREATE TABLE price (
  variant_id INTEGER NOT NULL REFERENCES variant (id),
  list_id INTEGER NOT NULL REFERENCES price_list (id),
  amount INTEGER NOT NULL,           -- minor units of the list's currency
  compare_at INTEGER,                -- as the merchant gave it: a former price where it is above
  PRIMARY KEY (variant_id, list_id)
) STRICT, WITHOUT ROWID;
INSERT INTO price (variant_id, list_id, amount, compare_at)
SELECT id, 1, price, compare_at FROM variant ORDER BY id;

CREATE TABLE location (
  id INTEGER PRIMARY KEY,            -- 1: the shop's default
  name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO location (id, name) VALUES (1, 'default');

-- What can be sold is the sum of on_hand - committed over all locations.
CREATE TABLE stock (
  variant_id INTEGER NOT NULL REFERENCES variant (id),
  location_id INTEGER NOT NULL REFERENCES location (id),
  on_hand INTEGER NOT NULL,          -- pieces that are there
  committed INTEGER NOT NULL DEFAULT 0, -- of these, pieces that are sold and not sent yet
  PRIMARY KEY (variant_id, location_id)
) STRICT, WITHOUT ROWID;
INSERT INTO stock (variant_id, location_id, on_hand)
SELECT id, 1, quantity FROM variant WHERE quantity IS NOT NULL ORDER BY id;

ALTER TABLE variant ADD COLUMN tracked INTEGER NOT NULL DEFAULT 0; -- 0: never sold out
UPDATE variant SET tracked = 1 WHERE quantity IS NOT NULL;
ALTER TABLE variant DROP COLUMN quantity;
ALTER TABLE variant DROP COLUMN compare_at;
ALTER TABLE variant DROP COLUMN price;

-- Barcodes are the same with and without hyphens and spaces, as ISBNs are written.
DROP INDEX variant_barcode;
CREATE INDEX variant_barcode ON variant (replace(replace(barcode, '-', ''), ' ', ''))
WHERE barcode <> '';

CREATE TABLE metafield (
  id INTEGER PRIMARY KEY,
  product_id INTEGER NOT NULL REFERENCES product (id),
  variant_id INTEGER NOT NULL DEFAULT 0, -- 0: of the product itself
  namespace TEXT NOT NULL,
  key TEXT NOT NULL,
  type TEXT NOT NULL,                -- Shopify's name, such as number_integer
  value TEXT NOT NULL,
  UNIQUE (product_id, variant_id, namespace, key)
) STRICT;

CREATE TABLE cart_line_with_attributes (
  cart_id TEXT NOT NULL REFERENCES cart (id) ON DELETE CASCADE,
  id INTEGER NOT NULL,               -- the variant's id, where the line has no attributes
  variant_id INTEGER NOT NULL REFERENCES variant (id),
  attributes TEXT NOT NULL DEFAULT '{}', -- JSON, in the order of the names
  position INTEGER NOT NULL,         -- the order of adding
  quantity INTEGER NOT NULL,
  PRIMARY KEY (cart_id, id)
) STRICT, WITHOUT ROWID;
INSERT INTO cart_line_with_attributes (cart_id, id, variant_id, position, quantity)
SELECT cart_id, variant_id, variant_id, position, quantity FROM cart_line;
DROP TABLE cart_line;
ALTER TABLE cart_line_with_attributes RENAME TO cart_line;

-- What lists of products show by a price list other than the default, whose columns `product` has.
CREATE TABLE product_by_list (
  list_id INTEGER NOT NULL REFERENCES price_list (id),
  product_id INTEGER NOT NULL REFERENCES product (id),
  available INTEGER NOT NULL,
  price_min INTEGER NOT NULL,
  price_max INTEGER NOT NULL,
  compare_at INTEGER,
  on_sale INTEGER NOT NULL,
  single_variant INTEGER,
  PRIMARY KEY (list_id, product_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX product_by_list_price ON product_by_list (list_id, price_min, product_id);
CREATE INDEX product_by_list_product ON product_by_list (product_id);

-- Products that are gone, for whoever looks what changed.
CREATE TABLE removed_product (
  product_id INTEGER PRIMARY KEY,
  changed INTEGER NOT NULL           -- `catalogue.changed` then
) STRICT;

-- What happened, in order. NULL: there was none, or there is none any more.
CREATE TABLE price_event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,               -- milliseconds since 1970
  variant_id INTEGER NOT NULL,
  list_id INTEGER NOT NULL,
  amount_before INTEGER,
  amount INTEGER,
  compare_at_before INTEGER,
  compare_at INTEGER
) STRICT;
CREATE TABLE stock_event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,               -- milliseconds since 1970
  variant_id INTEGER NOT NULL,
  location_id INTEGER NOT NULL,
  on_hand_before INTEGER,
  on_hand INTEGER,
  committed_before INTEGER,
  committed INTEGER
) STRICT;
CREATE TRIGGER price_event_kept BEFORE UPDATE ON price_event
BEGIN SELECT raise(ABORT, 'events are appended and never changed'); END;
CREATE TRIGGER stock_event_kept BEFORE UPDATE ON stock_event
BEGIN SELECT raise(ABORT, 'events are appended and never changed'); END;

-- Inserting a product's id here brings up to date what is derived from its variants.
CREATE VIEW product_to_summarise (product_id) AS SELECT id FROM product;
CREATE TRIGGER product_summarised INSTEAD OF INSERT ON product_to_summarise
BEGIN
  UPDATE product SET
    revision = revision + 1,
    (available, price_min, price_max, on_sale, single_variant) = (
      SELECT
        coalesce(max(v.tracked = 0 OR v.oversell = 1 OR (
          SELECT coalesce(sum(s.on_hand - s.committed), 0) FROM stock s
          WHERE s.variant_id = v.id) > 0), 0),
        coalesce(min(c.amount), 0), coalesce(max(c.amount), 0),
        coalesce(max(c.compare_at > c.amount), 0),
        CASE count(*) WHEN 1 THEN max(v.id) END
      FROM variant v CROSS JOIN price c ON c.variant_id = v.id AND c.list_id = 1
      WHERE v.product_id = new.product_id AND v.position IS NOT NULL),
    compare_at = (
      SELECT CASE WHEN c.compare_at > c.amount THEN c.compare_at END
      FROM variant v CROSS JOIN price c ON c.variant_id = v.id AND c.list_id = 1
      WHERE v.product_id = new.product_id AND v.position IS NOT NULL
      ORDER BY c.amount, v.position LIMIT 1)
  WHERE id = new.product_id;
  DELETE FROM product_by_list WHERE product_id = new.product_id;
  INSERT INTO product_by_list
    (list_id, product_id, available, price_min, price_max, compare_at, on_sale, single_variant)
  SELECT c.list_id, new.product_id,
    max(v.tracked = 0 OR v.oversell = 1 OR (
      SELECT coalesce(sum(s.on_hand - s.committed), 0) FROM stock s
      WHERE s.variant_id = v.id) > 0),
    min(c.amount), max(c.amount),
    (SELECT CASE WHEN f.compare_at > f.amount THEN f.compare_at END
     FROM variant w CROSS JOIN price f ON f.variant_id = w.id AND f.list_id = c.list_id
     WHERE w.product_id = new.product_id AND w.position IS NOT NULL
     ORDER BY f.amount, w.position LIMIT 1),
    coalesce(max(c.compare_at > c.amount), 0),
    CASE count(*) WHEN 1 THEN max(v.id) END
  FROM variant v CROSS JOIN price c ON c.variant_id = v.id AND c.list_id <> 1
  WHERE v.product_id = new.product_id AND v.position IS NOT NULL
  GROUP BY c.list_id;
END;

-- Prices.

CREATE TRIGGER price_added AFTER INSERT ON price
BEGIN
  INSERT INTO price_event (at, variant_id, list_id, amount, compare_at)
  VALUES (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER),
    new.variant_id, new.list_id, new.amount, new.compare_at);
  INSERT INTO product_to_summarise
  SELECT product_id FROM variant
  WHERE id = new.variant_id AND (SELECT importing FROM catalogue) = 0;
END;
CREATE TRIGGER price_changed AFTER UPDATE ON price
WHEN (old.variant_id, old.list_id, old.amount, old.compare_at)
  IS NOT (new.variant_id, new.list_id, new.amount, new.compare_at)
BEGIN
  INSERT INTO price_event
    (at, variant_id, list_id, amount_before, amount, compare_at_before, compare_at)
  VALUES (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER),
    new.variant_id, new.list_id,
    old.amount, new.amount, old.compare_at, new.compare_at);
  INSERT INTO product_to_summarise
  SELECT DISTINCT product_id FROM variant
  WHERE id IN (old.variant_id, new.variant_id) AND (SELECT importing FROM catalogue) = 0;
END;
CREATE TRIGGER price_removed AFTER DELETE ON price
BEGIN
  INSERT INTO price_event (at, variant_id, list_id, amount_before, compare_at_before)
  VALUES (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER),
    old.variant_id, old.list_id,
    old.amount, old.compare_at);
  INSERT INTO product_to_summarise
  SELECT product_id FROM variant
  WHERE id = old.variant_id AND (SELECT importing FROM catalogue) = 0;
END;

-- Stock.

CREATE TRIGGER stock_added AFTER INSERT ON stock
BEGIN
  INSERT INTO stock_event (at, variant_id, location_id, on_hand, committed)
  VALUES (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER),
    new.variant_id, new.location_id,
    new.on_hand, new.committed);
  INSERT INTO product_to_summarise
  SELECT product_id FROM variant
  WHERE id = new.variant_id AND (SELECT importing FROM catalogue) = 0;
END;
CREATE TRIGGER stock_changed AFTER UPDATE ON stock
WHEN (old.variant_id, old.location_id, old.on_hand, old.committed)
  IS NOT (new.variant_id, new.location_id, new.on_hand, new.committed)
BEGIN
  INSERT INTO stock_event
    (at, variant_id, location_id, on_hand_before, on_hand, committed_before, committed)
  VALUES (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER),
    new.variant_id, new.location_id,
    old.on_hand, new.on_hand, old.committed, new.committed);
  INSERT INTO product_to_summarise
  SELECT DISTINCT product_id FROM variant
  WHERE id IN (old.variant_id, new.variant_id) AND (SELECT importing FROM catalogue) = 0;
END;
CREATE TRIGGER stock_removed AFTER DELETE ON stock
BEGIN
  INSERT INTO stock_event (at, variant_id, location_id, on_hand_before, committed_before)
  VALUES (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER),
    old.variant_id, old.location_id,
    old.on_hand, old.committed);
  INSERT INTO product_to_summarise
  SELECT product_id FROM variant
  WHERE id = old.variant_id AND (SELECT importing FROM catalogue) = 0;
END;

-- Variants.

CREATE TRIGGER variant_added AFTER INSERT ON variant
WHEN (SELECT importing FROM catalogue) = 0
BEGIN
  INSERT INTO product_to_summarise VALUES (new.product_id);
END;
CREATE TRIGGER variant_changed AFTER UPDATE ON variant
WHEN (SELECT importing FROM catalogue) = 0
  AND (old.id, old.product_id, old.position, old.sku, old.title, old.options, old.oversell,
    old.image, old.barcode, old.tracked)
  IS NOT (new.id, new.product_id, new.position, new.sku, new.title, new.options, new.oversell,
    new.image, new.barcode, new.tracked)
BEGIN
  INSERT INTO product_to_summarise
  SELECT id FROM product WHERE id IN (old.product_id, new.product_id);
END;
CREATE TRIGGER variant_removed AFTER DELETE ON variant
WHEN (SELECT importing FROM catalogue) = 0
BEGIN
  INSERT INTO product_to_summarise VALUES (old.product_id);
END;

-- Products. `changed` is the count of changes at a product's last one.

CREATE TRIGGER product_added AFTER INSERT ON product
BEGIN
  UPDATE catalogue SET changed = changed + 1,
    published = published + iif(importing = 0, new.published = 1, 0);
  UPDATE product SET changed = (SELECT changed FROM catalogue) WHERE id = new.id;
  DELETE FROM removed_product WHERE product_id = new.id;
END;
CREATE TRIGGER product_revised AFTER UPDATE OF revision ON product
WHEN old.revision IS NOT new.revision
BEGIN
  UPDATE catalogue SET changed = changed + 1;
  UPDATE product SET changed = (SELECT changed FROM catalogue) WHERE id = new.id;
END;
CREATE TRIGGER product_changed AFTER UPDATE OF handle, published, available, title, title_key,
  vendor, image_src, image_alt, price_min, price_max, compare_at, on_sale, single_variant
ON product
WHEN old.revision IS new.revision AND (SELECT importing FROM catalogue) = 0
  AND (old.handle, old.published, old.available, old.title, old.title_key, old.vendor,
    old.image_src, old.image_alt, old.price_min, old.price_max, old.compare_at, old.on_sale,
    old.single_variant)
  IS NOT (new.handle, new.published, new.available, new.title, new.title_key, new.vendor,
    new.image_src, new.image_alt, new.price_min, new.price_max, new.compare_at, new.on_sale,
    new.single_variant)
BEGIN
  UPDATE product SET revision = revision + 1 WHERE id = new.id;
END;
CREATE TRIGGER product_retitled AFTER UPDATE OF title ON product
WHEN old.title IS NOT new.title AND old.title_key IS new.title_key
  AND (SELECT importing FROM catalogue) = 0
BEGIN
  UPDATE product SET title_key = substr(lower(new.title), 1, 100) WHERE id = new.id;
END;
CREATE TRIGGER product_published AFTER UPDATE OF published ON product
WHEN (old.published = 1) <> (new.published = 1) AND (SELECT importing FROM catalogue) = 0
BEGIN
  UPDATE catalogue SET published = published + (new.published = 1) - (old.published = 1);
  UPDATE collection
  SET product_count = product_count + (new.published = 1) - (old.published = 1)
  WHERE id IN (SELECT collection_id FROM collection_product WHERE product_id = new.id);
END;
CREATE TRIGGER product_removed AFTER DELETE ON product
BEGIN
  UPDATE catalogue SET changed = changed + 1,
    published = published - iif(importing = 0, old.published = 1, 0);
  INSERT OR REPLACE INTO removed_product VALUES (old.id, (SELECT changed FROM catalogue));
END;

CREATE TRIGGER document_added AFTER INSERT ON product_document
WHEN (SELECT importing FROM catalogue) = 0
BEGIN
  UPDATE product SET revision = revision + 1 WHERE id = new.product_id;
END;
CREATE TRIGGER document_changed AFTER UPDATE ON product_document
WHEN old.body IS NOT new.body AND (SELECT importing FROM catalogue) = 0
BEGIN
  UPDATE product SET revision = revision + 1 WHERE id = new.product_id;
END;

CREATE TRIGGER document_removed AFTER DELETE ON product_document
WHEN (SELECT importing FROM catalogue) = 0
BEGIN
  UPDATE product SET revision = revision + 1 WHERE id = old.product_id;
END;

CREATE TRIGGER metafield_added AFTER INSERT ON metafield
WHEN (SELECT importing FROM catalogue) = 0
BEGIN
  UPDATE product SET revision = revision + 1 WHERE id = new.product_id;
END;
CREATE TRIGGER metafield_changed AFTER UPDATE ON metafield
WHEN (SELECT importing FROM catalogue) = 0
  AND (old.product_id, old.variant_id, old.namespace, old.key, old.type, old.value)
  IS NOT (new.product_id, new.variant_id, new.namespace, new.key, new.type, new.value)
BEGIN
  UPDATE product SET revision = revision + 1 WHERE id IN (old.product_id, new.product_id);
END;
CREATE TRIGGER metafield_removed AFTER DELETE ON metafield
WHEN (SELECT importing FROM catalogue) = 0
BEGIN
  UPDATE product SET revision = revision + 1 WHERE id = old.product_id;
END;

-- Collections and price lists.

CREATE TRIGGER collection_added AFTER INSERT ON collection
BEGIN
  UPDATE catalogue SET changed = changed + 1, changed_everywhere = changed_everywhere + 1;
END;
CREATE TRIGGER collection_changed AFTER UPDATE ON collection
WHEN (old.handle, old.title, old.title_key, old.description, old.image_src, old.image_alt,
    old.product_count, old.derived)
  IS NOT (new.handle, new.title, new.title_key, new.description, new.image_src, new.image_alt,
    new.product_count, new.derived)
BEGIN
  UPDATE catalogue SET changed = changed + 1, changed_everywhere = changed_everywhere + 1;
END;
CREATE TRIGGER collection_renamed AFTER UPDATE OF handle, title ON collection
WHEN (old.handle, old.title) IS NOT (new.handle, new.title)
BEGIN
  UPDATE product SET revision = revision + 1
  WHERE id IN (SELECT product_id FROM collection_product WHERE collection_id = new.id);
END;
CREATE TRIGGER collection_removed AFTER DELETE ON collection
BEGIN
  UPDATE catalogue SET changed = changed + 1, changed_everywhere = changed_everywhere + 1;
END;

CREATE TRIGGER collection_product_added AFTER INSERT ON collection_product
WHEN (SELECT importing FROM catalogue) = 0
BEGIN
  UPDATE product SET revision = revision + 1 WHERE id = new.product_id;
  UPDATE collection SET product_count = product_count + 1
  WHERE id = new.collection_id
    AND EXISTS (SELECT 1 FROM product WHERE id = new.product_id AND published = 1);
END;
CREATE TRIGGER collection_product_removed AFTER DELETE ON collection_product
WHEN (SELECT importing FROM catalogue) = 0
BEGIN
  UPDATE product SET revision = revision + 1 WHERE id = old.product_id;
  UPDATE collection SET product_count = product_count - 1
  WHERE id = old.collection_id
    AND EXISTS (SELECT 1 FROM product WHERE id = old.product_id AND published = 1);
END;

CREATE TRIGGER collection_product_moved AFTER UPDATE ON collection_product
WHEN (SELECT importing FROM catalogue) = 0
  AND (old.collection_id, old.product_id) IS NOT (new.collection_id, new.product_id)
BEGIN
  UPDATE product SET revision = revision + 1 WHERE id IN (old.product_id, new.product_id);
  UPDATE collection SET product_count = (
    SELECT count(*) FROM collection_product cp JOIN product p ON p.id = cp.product_id
    WHERE cp.collection_id = collection.id AND p.published = 1)
  WHERE id IN (old.collection_id, new.collection_id);
END;

CREATE TRIGGER price_list_changed AFTER UPDATE ON price_list
WHEN (old.name, old.currency) IS NOT (new.name, new.currency)
BEGIN
  UPDATE catalogue SET changed = changed + 1, changed_everywhere = changed_everywhere + 1;
END;
CREATE TRIGGER price_list_removed AFTER DELETE ON price_list
BEGIN
  UPDATE catalogue SET changed = changed + 1, changed_everywhere = changed_everywhere + 1;
END;
