-- Version 4: searches compare terms that this program makes of a product's texts. They are letters, digits, signs and
-- spaces, so the tokenizer has nothing to do but to cut at the spaces.

DROP TABLE search;

-- Terms of the products visitors can see; the row id is the product's id.
CREATE VIRTUAL TABLE search USING fts5 (
  title, keywords, codes, body,
  content = '', contentless_delete = 1,
  tokenize = "ascii tokenchars '+#.'", prefix = '1 2 3'
);
CREATE VIRTUAL TABLE search_word USING fts5vocab (search, row);

ALTER TABLE catalogue ADD COLUMN search_version INTEGER NOT NULL DEFAULT 0; -- how the terms were made
