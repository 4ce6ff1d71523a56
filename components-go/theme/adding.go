package theme

import "protium.dev/components/ui"

// Adding adds items to the cart: the badge changes at once, and back when the server refuses. A
// component with such a form embeds it, binds it with BindAdding, and has a handler Added:
//
//	type Bundle struct {
//		theme.Adding
//		variant int64
//	}
//
//	func (c *Bundle) Bind(b *ui.Binder) {
//		b.Prop("variant").Int64(&c.variant)
//		b.On("Send", func(ui.Event) { c.Add(c.variant, 3, ui.FormData{}) })
//		b.On("Added", c.TakeAnswer)
//		c.BindAdding(b)
//	}
//
// It is registered with AddingMessages.
type Adding struct {
	Done    bool   // for a moment after success
	Failed  bool   // the server has refused
	Message string // the result, for the visitor
	sent    []addition
}

// AddingMessages are the messages of a component that embeds Adding.
var AddingMessages = ui.Messages("cart.added cart.failed")

// addition is a request in flight.
type addition struct {
	variant, quantity int64
	attributes        string
}

func (a *addition) Bind(b *ui.Binder) {
	b.Field("variant").Int64(&a.variant)
	b.Field("quantity").Int64(&a.quantity)
	b.Field("attributes").String(&a.attributes)
}

// BindAdding binds the state, and the handlers that the component does not call itself.
func (a *Adding) BindAdding(b *ui.Binder) {
	ui.Records(b.State("sent"), &a.sent)
	b.State("done").Bool(&a.Done)
	b.State("failed").Bool(&a.Failed)
	b.State("message").String(&a.Message)
	b.On("Rest", a.rest)
	b.On("Counted", counted)
}

// Add adds so many of a variant, with the line's attributes: fields such as attributes[gift_wrap].
// The answer is passed to the handler Added. The same form while the first is in flight is a double
// click, and ignored.
func (a *Adding) Add(variant, quantity int64, attributes ui.FormData) {
	wish := addition{variant, quantity, attributes.String()}
	if n := len(a.sent); quantity < 1 || n > 0 && a.sent[n-1] == wish {
		return
	}
	a.sent = append(a.sent, wish)
	a.Done, a.Failed, a.Message = false, false, ""
	Cart.Update(func(c *CartState) { c.Pending += quantity })
	// A new visitor has no cart yet: concurrent additions must create the same one.
	ui.SharedKey("protium-cart-key")
	ui.Fetch(ui.Request{
		Method: "POST", URL: ui.URL("/cart/add"),
		Form:  attributes.Int("variant_id", variant).Int("quantity", quantity),
		Wants: &CartAnswer{}, Then: "Added",
	})
}

// TakeAnswer stores the server's answer, and what to tell the visitor: the handler Added calls it.
func (a *Adding) TakeAnswer(e ui.Event) {
	// Which request is answered first does not matter.
	if len(a.sent) > 0 {
		quantity := a.sent[0].quantity
		a.sent = a.sent[1:]
		Cart.Update(func(c *CartState) { c.Pending = max(c.Pending-quantity, 0) })
	}
	answer := UpdateCart(e)
	if !e.OK() {
		a.Failed, a.Message = true, answer.Refusal()
		// The cart may differ from what this page shows.
		ui.Fetch(ui.Request{URL: ui.URL("/cart"), Wants: &CartAnswer{}, Then: "Counted"})
		return
	}
	if a.Failed {
		return
	}
	a.Done, a.Message = true, ui.MessageText("cart.added")
	ui.Timer(2000, "Rest")
}

// counted stores the number of items that was fetched.
func counted(e ui.Event) { UpdateCart(e) }

func (a *Adding) rest(ui.Event) { a.Done = false }

// Busy marks the form's button until the answer arrives.
func (a *Adding) Busy() ui.Node { return ui.AttrOpt("aria-busy", "true", len(a.sent) > 0) }
