package theme

import "protium.dev/components/ui"

// ProductCard is a product in a list: picture, title, price, and a form that adds it to the cart if
// it has only one variant.
//
//	<go-product-card product="{{ card }}" hydrate="visible"></go-product-card>
//
// The picture is loaded lazily; with eager at once, with lead before all others: for the cards that
// a visitor sees first.
type ProductCard struct {
	Adding
	product     Card
	showVendor  bool
	eager, lead bool
}

func init() {
	ui.Register("product-card", func() ui.Component { return &ProductCard{} }, addMessages,
		priceMessages, ui.Messages("cart.add_product cart.has_product product.sale"))
}

func (c *ProductCard) Bind(b *ui.Binder) {
	b.Prop("product").Record(&c.product)
	b.Prop("show_vendor").Bool(&c.showVendor)
	b.Prop("eager").Bool(&c.eager)
	b.Prop("lead").Bool(&c.lead)
	b.On("Add", c.Add)
	b.On("Added", c.Added)
	c.BindAdding(b)
}

// Add adds one to the cart.
func (c *ProductCard) Add(ui.Event) {
	c.Adding.Add(c.product.VariantID, 1, ui.FormData{})
}

// Added announces the result: a card has no place to show it.
func (c *ProductCard) Added(e ui.Event) {
	c.TakeAnswer(e)
	if c.Failed {
		ui.Announce(c.Message)
	} else {
		ui.Announce(ui.MessageText("cart.has_product", "title", c.product.Title))
	}
}

func (c *ProductCard) Render() ui.Node {
	p := &c.product
	return ui.Article(ui.Class("card"),
		ui.Div(ui.Class("card-media"),
			ui.IfElse(p.Image.Src != "", c.image, noImage),
			ui.If(!p.Available, func() ui.Node {
				return ui.Span(ui.Class("badge badge-soldout"), ui.Message("product.sold_out"))
			}),
			ui.If(p.Available && p.OnSale, func() ui.Node {
				return ui.Span(ui.Class("badge badge-sale"), ui.Message("product.sale"))
			})),
		ui.Div(ui.Class("card-body"),
			ui.H3(
				ui.Class("card-title"),
				ui.A(
					ui.Class("card-link"),
					ui.Attr("dir", "auto"),
					ui.AttrStr("href", ui.URL("/products/"+p.Handle)),
					ui.Str(p.Title),
				),
			),
			ui.If(c.showVendor, func() ui.Node {
				return ui.P(
					ui.Class("card-vendor"),
					ui.Attr("translate", "no"),
					ui.Attr("dir", "auto"),
					ui.Str(p.Vendor),
				)
			}),
			price(p.PriceMin, p.CompareAt, p.PriceMin < p.PriceMax, false)),
		ui.If(p.VariantID != 0 && p.Available, c.form))
}

func (c *ProductCard) image() ui.Node {
	p, now := &c.product, c.eager || c.lead
	return ui.Img(
		ui.Class("card-image"),
		ui.AttrStr("src", p.Image.Src),
		ui.AttrStr("alt", p.Image.alt(p.Title)),
		ui.Attr("width", "800"),
		ui.Attr("height", "1000"),
		ui.AttrOpt("fetchpriority", "high", c.lead),
		ui.AttrOpt("loading", "lazy", !now),
		ui.AttrOpt("decoding", "async", !now),
	)
}

func noImage() ui.Node { return ui.Span(ui.Class("card-noimage"), ui.Attr("aria-hidden", "true")) }

func (c *ProductCard) form() ui.Node {
	return ui.Form(
		ui.Class("card-add"),
		ui.Attr("method", "post"),
		ui.AttrStr("action", ui.URL("/cart/add")),
		ui.On("submit", "Add"),
		ui.Prevent("submit"),
		ui.Input(
			ui.Attr("type", "hidden"),
			ui.Attr("name", "variant_id"),
			ui.ValueInt(c.product.VariantID),
		),
		ui.Input(ui.Attr("type", "hidden"), ui.Attr("name", "quantity"), ui.Attr("value", "1")),
		ui.Input(ui.Attr("type", "hidden"), ui.Attr("name", "return_to"), ui.Value(ui.Ctx().Path())),
		ui.Button(
			ui.Class("card-add-button"),
			ui.Attr("type", "submit"),
			ui.ClassIf("is-done", c.Done),
			c.Busy(),
			ui.Span(ui.Class("icon"), ui.ClassIf("icon-plus", !c.Done), ui.ClassIf("icon-check", c.Done),
				ui.Attr("aria-hidden", "true")),
			ui.Span(
				ui.Class("visually-hidden"),
				ui.Message("cart.add_product", "title", c.product.Title),
			),
		),
	)
}
