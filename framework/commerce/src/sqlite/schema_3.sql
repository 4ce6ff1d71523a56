-- Version 3: barcodes; former prices as the merchant gave them; collections made from types, categories and tags.

ALTER TABLE variant ADD COLUMN barcode TEXT NOT NULL DEFAULT '';        -- GTIN, EAN, UPC or ISBN as the merchant gave it
CREATE INDEX variant_barcode ON variant (barcode, position) WHERE barcode <> '';

ALTER TABLE collection ADD COLUMN derived INTEGER NOT NULL DEFAULT 0;   -- no file named it: it is a type, a category or a tag

-- Handles are in small letters. Where both spellings are there already, both stay.
UPDATE OR IGNORE product SET handle = lower(handle), revision = revision + 1 WHERE handle <> lower(handle);

-- `variant.compare_at` is what the merchant gave: a former price only where it is above the price.
DROP TRIGGER variant_price;
CREATE TRIGGER variant_price AFTER UPDATE OF price, compare_at ON variant
WHEN old.price IS NOT new.price OR old.compare_at IS NOT new.compare_at
BEGIN
  UPDATE product SET
    revision = revision + 1,
    (price_min, price_max, on_sale) = (
      SELECT coalesce(min(price), product.price_min), coalesce(max(price), product.price_max),
        coalesce(max(compare_at > price), 0)
      FROM variant WHERE product_id = new.product_id AND position IS NOT NULL),
    compare_at = (
      SELECT CASE WHEN compare_at > price THEN compare_at END
      FROM variant WHERE product_id = new.product_id AND position IS NOT NULL
      ORDER BY price, position LIMIT 1)
  WHERE id = new.product_id;
END;
