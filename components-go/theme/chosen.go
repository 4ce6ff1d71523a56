package theme

import "protium.dev/components/ui"

// ChosenState is the variant of each product that the visitor has chosen on this page. It is
// shared, so that form, picker and pictures of a product always show the same variant.
type ChosenState struct{ variants []chosenVariant }

type chosenVariant struct {
	product string // its handle
	variant int64
}

func (c *ChosenState) Bind(b *ui.Binder) { ui.Records(b.Field("variants"), &c.variants) }

func (c *chosenVariant) Bind(b *ui.Binder) {
	b.Field("product").String(&c.product)
	b.Field("variant").Int64(&c.variant)
}

// of gives the chosen variant of a product, else the one that the page was rendered with.
func (c *ChosenState) of(product string, otherwise int64) int64 {
	for i := range c.variants {
		if c.variants[i].product == product {
			return c.variants[i].variant
		}
	}
	return otherwise
}

func (c *ChosenState) set(product string, variant int64) {
	for i := range c.variants {
		if c.variants[i].product == product {
			c.variants[i].variant = variant
			return
		}
	}
	c.variants = append(c.variants, chosenVariant{product, variant})
}

// Chosen is the visitor's choice of variants, shared by all components of the page.
var Chosen = ui.NewStore("chosen", ChosenState{})
