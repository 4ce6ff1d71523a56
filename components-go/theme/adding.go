package theme

import "protium.dev/components/ui"

// adding adds items to the cart: the badge changes at once, and back when the server refuses.
// Components with such a form embed it, bind it with bindAdding, and have a handler Added.
type adding struct {
	sent    []addition // requests in flight, oldest first
	done    bool       // for a moment after success
	failed  bool
	message string // the result, for the visitor
}

type addition struct{ Variant, Quantity int64 }

func (a *addition) Bind(b *ui.Binder) {
	b.Field("variant").Int64(&a.Variant)
	b.Field("quantity").Int64(&a.Quantity)
}

func (a *adding) bindAdding(b *ui.Binder) {
	ui.Records(b.State("sent"), &a.sent)
	b.State("done").Bool(&a.done)
	b.State("failed").Bool(&a.failed)
	b.State("message").String(&a.message)
	b.On("Rest", a.rest)
	b.On("Counted", a.counted)
}

// add sends the form. The same form while the first is in flight is a double click, and ignored.
func (a *adding) add(variant, quantity int64) {
	wish := addition{variant, quantity}
	if n := len(a.sent); quantity < 1 || n > 0 && a.sent[n-1] == wish {
		return
	}
	a.sent = append(a.sent, wish)
	a.done, a.failed, a.message = false, false, ""
	Cart.Update(func(c *CartState) { c.Pending += quantity })
	// A new visitor has no cart yet: concurrent additions must create the same one.
	ui.SharedKey("protium-cart-key")
	ui.Fetch(ui.Request{
		Method: "POST", URL: ui.URL("/cart/add"),
		Form:  ui.FormData{}.Int("variant_id", variant).Int("quantity", quantity),
		Wants: &cartCount{}, Then: "Added",
	})
}

func (a *adding) added(e ui.Event) {
	var answer cartCount
	e.Data(&answer)
	// Which request is answered first does not matter.
	quantity := int64(0)
	if len(a.sent) > 0 {
		quantity = a.sent[0].Quantity
		a.sent = a.sent[1:]
	}
	Cart.Update(func(c *CartState) {
		c.Pending = max(c.Pending-quantity, 0)
		if e.OK() {
			c.update(answer.Count, answer.Version)
		}
	})
	if !e.OK() {
		a.failed, a.message = true, answer.Error.text()
		// The cart may differ from what this page shows.
		ui.Fetch(ui.Request{URL: ui.URL("/cart"), Wants: &cartCount{}, Then: "Counted"})
		return
	}
	if a.failed {
		return
	}
	a.done, a.message = true, ui.MessageText("cart.added")
	ui.Timer(2000, "Rest")
}

// counted stores the number of items after a refusal.
func (a *adding) counted(e ui.Event) {
	if e.OK() {
		var answer cartCount
		e.Data(&answer)
		Cart.Update(func(c *CartState) { c.update(answer.Count, answer.Version) })
	}
}

func (a *adding) rest(ui.Event) { a.done = false }

// busy marks the form's button until the answer arrives.
func (a *adding) busy() ui.Node { return ui.AttrOpt("aria-busy", "true", len(a.sent) > 0) }
