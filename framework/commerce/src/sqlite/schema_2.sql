-- Version 2: a SKU finds its variants, and whoever looks can see which products changed since they looked last.

ALTER TABLE catalogue ADD COLUMN changed INTEGER NOT NULL DEFAULT 0; -- counts changes of products
ALTER TABLE product ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;   -- that number at its last change
CREATE INDEX product_changed ON product (changed);
CREATE INDEX variant_sku ON variant (sku, position);

CREATE TRIGGER product_added AFTER INSERT ON product
BEGIN
  UPDATE catalogue SET changed = changed + 1;
  UPDATE product SET changed = (SELECT changed FROM catalogue) WHERE id = new.id;
END;

CREATE TRIGGER product_revised AFTER UPDATE OF revision ON product
WHEN old.revision IS NOT new.revision
BEGIN
  UPDATE catalogue SET changed = changed + 1;
  UPDATE product SET changed = (SELECT changed FROM catalogue) WHERE id = new.id;
END;

-- Prices like stock: whoever changes one need not remember what is derived from it.
CREATE TRIGGER variant_price AFTER UPDATE OF price ON variant
WHEN old.price IS NOT new.price
BEGIN
  UPDATE product SET
    revision = revision + 1,
    (price_min, price_max) = (
      SELECT coalesce(min(price), product.price_min), coalesce(max(price), product.price_max) FROM variant
      WHERE product_id = new.product_id AND position IS NOT NULL)
  WHERE id = new.product_id;
END;
