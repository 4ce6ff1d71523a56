-- Version 1. A later version is a file of its own that starts from here.

CREATE TABLE catalogue (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL,          -- grows with every import that changed something
  currency TEXT,                     -- ISO code of all amounts; NULL before the first import
  published INTEGER NOT NULL         -- how many products visitors can see
) STRICT;
INSERT INTO catalogue (id, version, currency, published) VALUES (1, 0, NULL, 0);

-- What lists show. Long texts are kept apart, so that lists do not read past them.
CREATE TABLE product (
  id INTEGER PRIMARY KEY,            -- also the catalogue's order
  handle TEXT NOT NULL UNIQUE,
  revision INTEGER NOT NULL,         -- grows with every change of the product or its stock
  published INTEGER NOT NULL,
  available INTEGER NOT NULL,        -- whether any variant can be bought
  title TEXT NOT NULL,
  title_key TEXT NOT NULL,           -- beginning of the title in lower case
  vendor TEXT NOT NULL,
  image_src TEXT,
  image_alt TEXT,
  price_min INTEGER NOT NULL,
  price_max INTEGER NOT NULL,
  compare_at INTEGER,                -- of the cheapest variant
  on_sale INTEGER NOT NULL,
  single_variant INTEGER             -- the variant's id when there is exactly one
) STRICT;
CREATE INDEX product_title ON product (title_key, id) WHERE published = 1;
CREATE INDEX product_price ON product (price_min, id) WHERE published = 1;

CREATE TABLE product_document (
  product_id INTEGER PRIMARY KEY REFERENCES product (id),
  body TEXT NOT NULL                 -- JSON of what only the product's page shows
) STRICT;

CREATE TABLE variant (
  id INTEGER PRIMARY KEY,
  product_id INTEGER NOT NULL REFERENCES product (id),
  position INTEGER,                  -- NULL: not sold any more, kept for the carts that name it
  sku TEXT NOT NULL,
  title TEXT NOT NULL,
  options TEXT NOT NULL,             -- JSON list of values
  price INTEGER NOT NULL,
  compare_at INTEGER,
  quantity INTEGER,                  -- NULL: stock is not tracked
  oversell INTEGER NOT NULL,         -- sold on when stock is used up
  image TEXT
) STRICT;
CREATE INDEX variant_product ON variant (product_id, position);

-- Whoever changes stock need not remember what is derived from it.
CREATE TRIGGER variant_stock AFTER UPDATE OF quantity, oversell ON variant
WHEN old.quantity IS NOT new.quantity OR old.oversell IS NOT new.oversell
BEGIN
  UPDATE product SET
    revision = revision + 1,
    available = EXISTS (
      SELECT 1 FROM variant
      WHERE product_id = new.product_id AND position IS NOT NULL
        AND (quantity IS NULL OR oversell = 1 OR quantity > 0))
  WHERE id = new.product_id;
END;

CREATE TABLE collection (
  id INTEGER PRIMARY KEY,            -- also the catalogue's order
  handle TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  title_key TEXT NOT NULL,           -- the title in lower case
  description TEXT NOT NULL,
  image_src TEXT,                    -- of the first product
  image_alt TEXT,
  product_count INTEGER NOT NULL     -- products visitors can see
) STRICT;

CREATE TABLE collection_product (
  collection_id INTEGER NOT NULL REFERENCES collection (id),
  product_id INTEGER NOT NULL REFERENCES product (id),
  PRIMARY KEY (collection_id, product_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX product_collection ON collection_product (product_id, collection_id);

-- Words of the products visitors can see; the row id is the product's id.
CREATE VIRTUAL TABLE search USING fts5 (
  title, keywords, body,
  content = '', contentless_delete = 1,
  tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
);

CREATE TABLE cart (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  note TEXT,
  changed_at INTEGER NOT NULL        -- seconds since 1970
) STRICT, WITHOUT ROWID;
CREATE INDEX cart_changed ON cart (changed_at);

CREATE TABLE cart_line (
  cart_id TEXT NOT NULL REFERENCES cart (id) ON DELETE CASCADE,
  variant_id INTEGER NOT NULL REFERENCES variant (id),
  position INTEGER NOT NULL,         -- the order of adding
  quantity INTEGER NOT NULL,
  PRIMARY KEY (cart_id, variant_id)
) STRICT, WITHOUT ROWID;
