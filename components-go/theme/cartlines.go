package theme

import "protium.dev/components/ui"

// CartLines is the cart's page: its lines, their quantities, and the total.
//
//	<go-cart-lines cart="{{ cart }}"></go-cart-lines>
type CartLines struct {
	lines   []Line // as shown
	known   []Line // by the server's last answer
	version int64  // of that answer
	changed int64  // the line whose new quantity is not sent yet, 0 for none
	limited int64  // the line whose quantity was limited to what is in stock, 0 for none
	sent    int64  // requests in flight
	failed  bool
	message string
	next    int64 // the line that is focused after another was removed, 0 for none
}

// cartProp is the cart as the page has it.
type cartProp struct {
	version *int64
	lines   *[]Line
}

func (c *cartProp) Bind(b *ui.Binder) {
	b.Field("version").Int64(c.version)
	ui.Records(b.Field("lines"), c.lines)
}

func init() {
	ui.Register("cart-lines", func() ui.Component { return &CartLines{} }, stepperMessages,
		ui.Messages("cart.each cart.empty cart.empty_text cart.failed cart.fewer cart.gone "+
			"cart.keep_looking cart.note cart.quantity_of cart.remove cart.removed "+
			"cart.see_all cart.subtotal cart.summary cart.update cart.update_of"))
}

func (c *CartLines) Bind(b *ui.Binder) {
	b.Prop("cart").Record(&cartProp{&c.version, &c.known})
	ui.Records(b.State("lines"), &c.lines)
	ui.Records(b.State("known"), &c.known)
	b.State("version").Int64(&c.version)
	b.State("changed").Int64(&c.changed)
	b.State("limited").Int64(&c.limited)
	b.State("sent").Int64(&c.sent)
	b.State("failed").Bool(&c.failed)
	b.State("message").String(&c.message)
	b.State("next").Int64(&c.next)
	b.On("Less", c.Less)
	b.On("More", c.More)
	b.On("Typed", c.Typed)
	b.On("Left", c.Left)
	b.On("Update", c.Update)
	b.On("Send", c.Send)
	b.On("Remove", c.Remove)
	b.On("Answered", c.Answered)
	b.On("Seen", c.Seen)
	b.On("Resume", c.Resume)
}

// Init shows the cart that the page was rendered with.
func (c *CartLines) Init() { c.lines = append(c.lines[:0], c.known...) }

// Less takes one of a line away, or as many as are not in stock.
func (c *CartLines) Less(e ui.Event) {
	if l := c.line(e.Key()); l != nil {
		c.set(l, min(l.Quantity-1, l.most()))
	}
}

// More adds one to a line.
func (c *CartLines) More(e ui.Event) {
	if l := c.line(e.Key()); l != nil {
		c.set(l, l.Quantity+1)
	}
}

// Typed accepts a quantity while the visitor types. A 0 may be the beginning of another number.
func (c *CartLines) Typed(e ui.Event) {
	if l := c.line(e.Key()); l != nil {
		if n, ok := wholeNumber(e.Value()); ok && n > 0 {
			c.set(l, n)
		}
	}
}

// Left accepts the value of a field when the visitor leaves it: 0 removes the line; anything that
// is not a quantity is ignored, and the field shows the one before.
func (c *CartLines) Left(e ui.Event) {
	l := c.line(e.Key())
	n, ok := wholeNumber(e.Value())
	switch {
	case l == nil || !ok:
	case n == 0:
		c.remove(l.ID)
	default:
		c.set(l, n)
	}
}

// set shows a quantity, and sends it once the visitor pauses.
func (c *CartLines) set(l *Line, quantity int64) {
	if quantity == l.Quantity {
		return
	}
	c.limited = 0
	if most := l.most(); quantity > most {
		c.limited = l.ID
		ui.Announce(l.limit())
		// The stock may have fallen below the quantity; even then it must not rise.
		if quantity > l.Quantity && l.Quantity > most {
			return
		}
		quantity = most
	}
	quantity = max(quantity, 1)
	if quantity == l.Quantity {
		return
	}
	l.Quantity = quantity
	if c.changed != 0 && c.changed != l.ID {
		c.send()
	}
	c.changed = l.ID
	c.expect()
	ui.Debounce(300, "Send")
}

// Update is the submit handler of a line's form: it sends at once.
func (c *CartLines) Update(e ui.Event) {
	if l := c.line(e.Key()); l != nil {
		c.changed = l.ID
		c.send()
	}
}

// Send sends the quantity that was changed last.
func (c *CartLines) Send(ui.Event) { c.send() }

func (c *CartLines) send() {
	l := c.line(c.changed)
	c.changed = 0
	if l == nil {
		return
	}
	c.post("/cart/update", ui.FormData{}.Int("line", l.ID).Int("quantity", l.Quantity))
}

// Remove takes a line away.
func (c *CartLines) Remove(e ui.Event) { c.remove(e.Key()) }

func (c *CartLines) remove(id int64) {
	for i := range c.lines {
		if c.lines[i].ID != id {
			continue
		}
		title := c.lines[i].Title
		if c.changed == id {
			c.changed = 0
		}
		c.post("/cart/remove", ui.FormData{}.Int("line", id))
		c.lines = append(c.lines[:i:i], c.lines[i+1:]...)
		c.expect()
		// The focused button is gone: focus moves to the line in its place, or to the text of the
		// empty cart.
		if c.next = 0; len(c.lines) > 0 {
			c.next = c.lines[min(i, len(c.lines)-1)].ID
		}
		ui.Focus("after-removal")
		ui.Announce(ui.MessageText("cart.removed", "title", title))
		return
	}
}

func (c *CartLines) post(path string, form ui.FormData) {
	c.sent++
	c.failed, c.message = false, ""
	ui.Fetch(ui.Request{
		Method: "POST", URL: ui.URL(path), Form: form, Wants: &cartLines{}, Then: "Answered",
	})
}

// Answered stores the server's answer to a change. After a refusal the cart is fetched again: it
// differs from what the page shows.
func (c *CartLines) Answered(e ui.Event) {
	answer := c.store(e)
	c.settle()
	if !e.OK() {
		c.failed, c.message = true, answer.Refusal()
		ui.Announce(c.message)
		c.read()
	}
}

// Seen stores the cart that was fetched.
func (c *CartLines) Seen(e ui.Event) {
	c.store(e)
	c.settle()
}

// store keeps an answer, unless a newer one is known.
func (c *CartLines) store(e ui.Event) CartAnswer {
	var answer cartLines
	e.Data(&answer)
	c.sent = max(c.sent-1, 0)
	if e.OK() && answer.Version >= c.version {
		c.known, c.version = answer.lines, answer.Version
	}
	return UpdateCart(e)
}

// settle shows the server's cart, once no request is in flight.
func (c *CartLines) settle() {
	if c.sent == 0 && c.changed == 0 {
		c.lines = append([]Line(nil), c.known...)
	}
	c.expect()
}

// Resume fetches the cart when the page is shown again: another tab may have changed it.
func (c *CartLines) Resume(ui.Event) {
	if c.sent == 0 && c.changed == 0 {
		c.read()
	}
}

func (c *CartLines) read() {
	c.sent++
	ui.Fetch(ui.Request{URL: ui.URL("/cart"), Wants: &cartLines{}, Then: "Seen"})
}

// expect updates the badge to the sum of the lines.
func (c *CartLines) expect() {
	items := int64(0)
	for i := range c.lines {
		items += c.lines[i].Quantity
	}
	Cart.Update(func(s *CartState) { s.Pending = items - s.Count })
}

func (c *CartLines) line(id int64) *Line {
	for i := range c.lines {
		if c.lines[i].ID == id {
			return &c.lines[i]
		}
	}
	return nil
}

func (c *CartLines) subtotal() (sum ui.Money) {
	for i := range c.lines {
		if c.lines[i].Available {
			sum += c.lines[i].total()
		}
	}
	return sum
}

func (c *CartLines) Render() ui.Node {
	return ui.Div(ui.Class("cart"), ui.IfElse(len(c.lines) > 0, c.full, c.empty))
}

func (c *CartLines) full() ui.Node {
	return ui.Div(ui.Class("cart-full"),
		ui.Ul(ui.Class("cart-lines"), ui.Each(c.lines, func(l *Line) int64 { return l.ID }, c.showLine)),
		ui.Aside(
			ui.Class("cart-summary"),
			ui.AttrStr("aria-label", ui.MessageText("cart.summary")),
			ui.P(ui.Class("cart-subtotal"),
				ui.Span(ui.Class("cart-subtotal-label"), ui.Message("cart.subtotal")), ui.Text(" "),
				ui.Span(ui.Class("cart-subtotal-amount"), ui.Attr("translate", "no"), ui.Amount(c.subtotal()))),
			ui.P(ui.Class("cart-note"), ui.Message("cart.note")),
			ui.P(
				ui.Class("cart-more"),
				ui.A(
					ui.Class("text-link"),
					ui.AttrStr("href", ui.URL("/collections/all")),
					ui.Message("cart.keep_looking"),
				),
			),
			formMessage(c.message, c.failed),
		))
}

func (c *CartLines) empty() ui.Node {
	return ui.Div(
		ui.Class("cart-empty"),
		ui.If(c.failed, func() ui.Node {
			return ui.P(ui.Class("form-message is-error"), ui.Attr("role", "status"), ui.Str(c.message))
		}),
		ui.P(
			ui.Class("cart-empty-title"),
			ui.Attr("tabindex", "-1"),
			ui.Ref("after-removal"),
			ui.Message("cart.empty"),
		),
		ui.P(
			ui.Class("cart-empty-text"),
			ui.Message("cart.empty_text"),
		),
		ui.A(
			ui.Class("button button-primary"),
			ui.AttrStr("href", ui.URL("/collections/all")),
			ui.Message("cart.see_all"),
		),
	)
}

// notice is the message on a line, if any.
func (c *CartLines) notice(l *Line) string {
	switch {
	case !l.Available:
		return ui.MessageText("cart.gone")
	case l.Quantity > l.most():
		return ui.MessageText("cart.fewer", "limit", l.limit())
	case c.limited == l.ID && l.Quantity == l.most():
		return l.limit()
	}
	return ""
}

func (c *CartLines) showLine(l *Line) ui.Node {
	notice := c.notice(l)
	href := variantURL(l.Handle, l.VariantID)
	return ui.Li(
		ui.Class("cart-line"),
		ui.ClassIf("is-gone", !l.Available),
		ui.A(
			ui.Class("cart-line-media"),
			ui.AttrStr("href", href),
			ui.Attr("tabindex", "-1"),
			ui.Attr("aria-hidden", "true"),
			ui.If(l.ImageSrc != "", func() ui.Node {
				return ui.Img(
					ui.Class("cart-line-image"),
					ui.AttrStr("src", l.ImageSrc),
					ui.Attr("alt", ""),
					ui.Attr("width", "800"),
					ui.Attr("height", "1000"),
					ui.Attr("loading", "lazy"),
					ui.Attr("decoding", "async"),
				)
			}),
		),
		ui.Div(
			ui.Class("cart-line-text"),
			ui.A(
				ui.Class("cart-line-title"),
				ui.Attr("dir", "auto"),
				ui.AttrStr("href", href),
				ui.Str(l.Title),
			),
			ui.If(l.VariantTitle != "", func() ui.Node { return lineDetail(l.VariantTitle) }),
			ui.If(l.Details != "", func() ui.Node { return lineDetail(l.Details) }),
			ui.P(
				ui.Class("cart-line-unit"),
				ui.Span(ui.Attr("translate", "no"), ui.Amount(l.each())),
				ui.Text(" "), ui.Message("cart.each"),
			),
			ui.If(
				notice != "",
				func() ui.Node { return ui.P(ui.Class("cart-line-notice"), ui.Str(notice)) },
			),
		),
		ui.Form(
			ui.Class("cart-line-quantity"),
			ui.Attr("method", "post"),
			ui.AttrStr("action", ui.URL("/cart/update")),
			ui.On("submit", "Update"),
			ui.Prevent("submit"),
			ui.Input(ui.Attr("type", "hidden"), ui.Attr("name", "line"), ui.ValueInt(l.ID)),
			stepper("quantity", ui.MessageText("cart.quantity_of", "title", l.Title),
				l.Quantity, 0, 1, l.most()),
			ui.Button(
				ui.Class("text-button cart-line-update"),
				ui.Attr("type", "submit"),
				ui.Message("cart.update"),
				ui.Text(" "),
				ui.Span(ui.Class("visually-hidden"), ui.Message("cart.update_of", "title", l.Title)),
			),
		),
		ui.Form(
			ui.Class("cart-line-remove"),
			ui.Attr("method", "post"),
			ui.AttrStr("action", ui.URL("/cart/remove")),
			ui.On("submit", "Remove"),
			ui.Prevent("submit"),
			ui.Input(ui.Attr("type", "hidden"), ui.Attr("name", "line"), ui.ValueInt(l.ID)),
			// Only one line may have the Ref that Focus looks for.
			ui.IfElse(l.ID == c.next,
				func() ui.Node { return removeButton(l, ui.Ref("after-removal")) },
				func() ui.Node { return removeButton(l) }),
		),
		ui.P(
			ui.Class("cart-line-total"),
			ui.Attr("translate", "no"),
			ui.Amount(l.total()),
		),
	)
}

func lineDetail(text string) ui.Node {
	return ui.P(ui.Class("cart-line-variant"), ui.Attr("dir", "auto"), ui.Str(text))
}

func removeButton(l *Line, more ...ui.Node) ui.Node {
	return ui.Button(
		append(
			more,
			ui.Class("text-button"),
			ui.Attr("type", "submit"),
			ui.Message("cart.remove"),
			ui.Text(" "),
			ui.Span(ui.Class("visually-hidden"), ui.Str(l.Title)),
		)...)
}
