package theme

import "protium.dev/components/ui"

// AddToCart is a form that puts a variant into the cart. Its slot is in the form: fields such as
// attributes[gift_wrap] are sent with it.
//
//	<go-add-to-cart variant="{{ variant.id }}" available="{{ variant.available }}"></go-add-to-cart>
type AddToCart struct {
	Adding
	variant         int64
	available       bool
	label, returnTo string
}

func init() {
	ui.Register("add-to-cart", func() ui.Component {
		return &AddToCart{available: true, returnTo: "/cart"}
	}, ui.HasSlot(), addMessages)
}

// addMessages are the messages of every form that adds to the cart.
var addMessages = ui.Messages("cart.add cart.added cart.failed product.sold_out")

func (c *AddToCart) Bind(b *ui.Binder) {
	b.Prop("variant").Int64(&c.variant)
	b.Prop("available").Bool(&c.available)
	b.Prop("label").String(&c.label)
	b.Prop("return_to").String(&c.returnTo)
	b.On("Add", c.Add)
	b.On("Added", c.TakeAnswer)
	c.BindAdding(b)
}

// Add sends the form.
func (c *AddToCart) Add(e ui.Event) { c.Adding.Add(c.variant, 1, lineAttributes(e)) }

// lineAttributes are the attributes of the line that a form adds.
func lineAttributes(e ui.Event) ui.FormData { return e.FormFields("attributes[") }

func (c *AddToCart) Render() ui.Node {
	return ui.Form(
		ui.Class("add-to-cart"),
		ui.Attr("method", "post"),
		ui.AttrStr("action", ui.URL("/cart/add")),
		ui.On("submit", "Add"),
		ui.Prevent("submit"),
		ui.Input(ui.Attr("type", "hidden"), ui.Attr("name", "variant_id"), ui.ValueInt(c.variant)),
		ui.Input(ui.Attr("type", "hidden"), ui.Attr("name", "return_to"), ui.Value(c.returnTo)),
		ui.Slot(),
		ui.IfElse(c.available, c.button, soldOutButton),
		formMessage(c.Message, c.Failed),
	)
}

func (c *AddToCart) button() ui.Node {
	caption := c.label
	if caption == "" {
		caption = ui.MessageText("cart.add")
	}
	return c.addButton(caption, 0)
}

// addButton sends a form that adds to the cart. The price is shown where the form is a bar at the
// screen's edge; 0 for none.
func (a *Adding) addButton(caption string, price ui.Money) ui.Node {
	return ui.Button(ui.Class("button button-primary add-button"), ui.ClassIf("is-done", a.Done),
		ui.Attr("type", "submit"), a.Busy(), ui.Str(caption),
		ui.If(price > 0, func() ui.Node {
			return ui.Span(
				ui.Class("add-price"),
				ui.Attr("translate", "no"),
				ui.Attr("aria-hidden", "true"),
				ui.Amount(price),
			)
		}))
}

func soldOutButton() ui.Node {
	return ui.Button(
		ui.Class("button button-primary add-button"),
		ui.Attr("type", "submit"),
		ui.Attr("disabled", ""),
		ui.Message("product.sold_out"),
	)
}

// formMessage shows what became of a form.
func formMessage(text string, failed bool) ui.Node {
	return ui.P(
		ui.Class("form-message"),
		ui.ClassIf("is-error", failed),
		ui.Attr("role", "status"),
		ui.Str(text),
	)
}
