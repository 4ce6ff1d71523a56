package theme

import "protium.dev/components/ui"

// CartBadge is the link to the cart with the number of its items. It is personal.
//
//	<go-cart-badge hydrate="idle"></go-cart-badge>
type CartBadge struct{}

func init() {
	ui.Register("cart-badge", func() ui.Component { return &CartBadge{} }, ui.Personal(),
		ui.Messages("cart.badge cart.badge_empty cart.badge_items"))
}

func (c *CartBadge) Bind(b *ui.Binder) {
	b.On("Resume", c.Resume)
	b.On("Counted", counted)
}

// Resume fetches the number when the page is shown again: another tab may have changed the cart.
// Requests in flight bring the number with their answers.
func (c *CartBadge) Resume(ui.Event) {
	if Cart.Get().Pending != 0 {
		return
	}
	ui.Fetch(ui.Request{URL: ui.URL("/cart"), Wants: &CartAnswer{}, Then: "Counted"})
}

func (c *CartBadge) Render() ui.Node {
	count := Cart.Get().Shown()
	name := ""
	if count > 0 {
		name = ui.CountMessageText(count, "cart.badge_items")
	} else {
		name = ui.MessageText("cart.badge_empty")
	}
	shown := decimal(count)
	if count > 99 {
		shown = "99+"
	}
	// The accessible name is text of the link, not an attribute, so that browsers translate it.
	return ui.A(
		ui.Class("cart-badge"),
		ui.ClassIf("is-many", count > 99),
		ui.AttrStr("href", ui.URL("/cart")),
		ui.Span(ui.Class("icon icon-cart"), ui.Attr("aria-hidden", "true")),
		ui.Span(ui.Class("visually-hidden"), ui.Str(name)),
		ui.Span(ui.Class("cart-badge-label"), ui.Attr("aria-hidden", "true"), ui.Message("cart.badge")),
		ui.Span(
			ui.Class("cart-badge-count"),
			ui.Attr("aria-hidden", "true"),
			ui.BoolAttr("hidden", count == 0),
			ui.Str(shown),
		),
	)
}
