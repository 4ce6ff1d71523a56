package theme

import "protium/ui"

// adding puts items into the cart: the number in the header changes at once, and changes back when the server refuses.
// Components that have such a form embed it, give it to their Binder by bindAdding, and have a handler Added.
type adding struct {
	sent    int64 // items on their way, 0 when none are
	done    bool  // for a moment after success
	failed  bool
	message string // what came of it
}

func (a *adding) bindAdding(b *ui.Binder) {
	b.State("sent").Int64(&a.sent)
	b.State("done").Bool(&a.done)
	b.State("failed").Bool(&a.failed)
	b.State("message").String(&a.message)
	b.On("Rest", a.rest)
}

// add sends the form. Nothing happens while the one before is on its way.
func (a *adding) add(variant, quantity int64) {
	if a.sent > 0 || quantity < 1 {
		return
	}
	a.sent, a.done, a.failed, a.message = quantity, false, false, ""
	Cart.Update(func(c *CartState) { c.Pending += quantity })
	ui.Fetch(ui.Request{
		Method: "POST", URL: "/cart/add",
		Form:  ui.FormData{}.Int("variant_id", variant).Int("quantity", quantity),
		Wants: &cartCount{}, Then: "Added",
	})
}

func (a *adding) added(e ui.Event) {
	var answer cartCount
	e.Data(&answer)
	sent := a.sent
	a.sent = 0
	Cart.Update(func(c *CartState) {
		c.Pending = max(c.Pending-sent, 0)
		if e.OK() && answer.Version >= c.Version {
			c.Count, c.Version = answer.Count, answer.Version
		}
	})
	if !e.OK() {
		a.failed, a.message = true, answer.Error.text()
		return
	}
	a.done, a.message = true, "Added to your cart."
	ui.Timer(2000, "Rest")
}

func (a *adding) rest(ui.Event) { a.done = false }

// busy marks the form's button while the answer is awaited.
func (a *adding) busy() ui.Node { return ui.AttrOpt("aria-busy", "true", a.sent > 0) }
