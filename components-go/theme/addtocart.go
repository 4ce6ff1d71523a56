package theme

import "protium.dev/components/ui"

// AddToCart is a form that puts a variant into the cart.
//
//	<go-add-to-cart variant="{{ variant.id }}" available="{{ variant.available }}"></go-add-to-cart>
type AddToCart struct {
	adding
	variant         int64
	available       bool
	label, returnTo string
	quantity        *QuantityStepper // nil: one at a time
	price           ui.Money         // in the button where the form is a bar at the screen's edge
}

func init() {
	ui.Register("add-to-cart", func() ui.Component { return newAddToCart() }, addMessages)
}

// addMessages are the messages of every form that adds to the cart.
var addMessages = ui.Messages("cart.add cart.added cart.failed product.sold_out")

func newAddToCart() *AddToCart {
	return &AddToCart{available: true, returnTo: "/cart"}
}

func (c *AddToCart) Bind(b *ui.Binder) {
	b.Prop("variant").Int64(&c.variant)
	b.Prop("available").Bool(&c.available)
	b.Prop("label").String(&c.label)
	b.Prop("return_to").String(&c.returnTo)
	b.On("Add", c.Add)
	b.On("Added", c.added)
	c.bindAdding(b)
}

// Add sends the form.
func (c *AddToCart) Add(ui.Event) {
	quantity := int64(1)
	if c.quantity != nil {
		quantity = c.quantity.value
		c.quantity.limited = false
	}
	c.add(c.variant, quantity)
}

func (c *AddToCart) Render() ui.Node {
	return ui.Form(
		ui.Class("add-to-cart"),
		ui.Attr("method", "post"),
		ui.AttrStr("action", ui.URL("/cart/add")),
		ui.On("submit", "Add"),
		ui.Prevent("submit"),
		ui.Input(ui.Attr("type", "hidden"), ui.Attr("name", "variant_id"), ui.ValueInt(c.variant)),
		ui.Input(ui.Attr("type", "hidden"), ui.Attr("name", "return_to"), ui.Value(c.returnTo)),
		c.stepper(),
		ui.IfElse(c.available, c.button, soldOutButton),
		ui.P(
			ui.Class("form-message"),
			ui.ClassIf("is-error", c.failed),
			ui.Attr("role", "status"),
			ui.Str(c.text()),
		),
	)
}

// text is the result of adding, or why the quantity is not larger.
func (c *AddToCart) text() string {
	if c.quantity != nil && c.quantity.isLimited() {
		return limitText(c.quantity.max, c.quantity.inStock)
	}
	return c.message
}

// stepper is empty in a form that adds one at a time, and for sold-out variants.
func (c *AddToCart) stepper() ui.Node {
	if c.quantity == nil {
		return 0
	}
	return ui.If(
		c.available,
		func() ui.Node { return ui.Div(ui.Class("add-quantity"), ui.Child(c.quantity)) },
	)
}

func (c *AddToCart) button() ui.Node {
	return ui.Button(ui.Class("button button-primary add-button"), ui.ClassIf("is-done", c.done),
		ui.Attr("type", "submit"), c.busy(), ui.Str(c.caption()),
		ui.If(c.price > 0, func() ui.Node {
			return ui.Span(
				ui.Class("add-price"),
				ui.Attr("translate", "no"),
				ui.Attr("aria-hidden", "true"),
				ui.Amount(c.price),
			)
		}))
}

// caption is what the button says.
func (c *AddToCart) caption() string {
	if c.label != "" {
		return c.label
	}
	return ui.MessageText("cart.add")
}

func soldOutButton() ui.Node {
	return ui.Button(
		ui.Class("button button-primary add-button"),
		ui.Attr("type", "submit"),
		ui.Attr("disabled", ""),
		ui.Message("product.sold_out"),
	)
}
