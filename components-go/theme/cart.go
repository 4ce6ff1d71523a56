package theme

import "protium.dev/components/ui"

// maxQuantity is the most of one line in a cart.
const maxQuantity = 999

// CartState is what all components of a page share about the visitor's cart.
type CartState struct {
	Count   int64 // items, by the server's last answer
	Version int64 // counts changes: an answer with a lower one is stale
	Pending int64 // items that are shown but not yet confirmed
}

func (c *CartState) Bind(b *ui.Binder) {
	b.Field("count").Int64(&c.Count)
	b.Field("version").Int64(&c.Version)
	b.Field("pending").Int64(&c.Pending)
}

// Shown is the number of items to show.
func (c *CartState) Shown() int64 { return max(c.Count+c.Pending, 0) }

// update stores the server's count, unless a newer one is known.
func (c *CartState) update(count, version int64) {
	if version >= c.Version {
		c.Count, c.Version = count, version
	}
}

// Cart is the visitor's cart, shared by all components of the page.
var Cart = ui.NewStore("cart", CartState{})

// Line is one line of the cart.
type Line struct {
	ID, VariantID, Quantity               int64
	Handle, Title, VariantTitle, ImageSrc string
	Details                               string   // the line's attributes, such as a gift wrap
	UnitPrice                             ui.Money // by the price list
	ExtraEach, ExtraOnce                  ui.Money // by the shop's rules: for each piece, and for all
	Available, Limited                    bool
	Max                                   int64 // in stock, where that is limited
}

func (l *Line) Bind(b *ui.Binder) {
	b.Field("id").Int64(&l.ID)
	b.Field("variant_id").Int64(&l.VariantID)
	b.Field("quantity").Int64(&l.Quantity)
	b.Field("handle").String(&l.Handle)
	b.Field("title").String(&l.Title)
	b.Field("variant_title").String(&l.VariantTitle)
	b.Field("image_src").String(&l.ImageSrc)
	b.Field("details").String(&l.Details)
	b.Field("unit_price").Money(&l.UnitPrice)
	b.Field("extra_each").Money(&l.ExtraEach)
	b.Field("extra_once").Money(&l.ExtraOnce)
	b.Field("available").Bool(&l.Available)
	b.Field("max").Opt(&l.Limited).Int64(&l.Max)
}

// each is what one piece costs.
func (l *Line) each() ui.Money { return l.UnitPrice + l.ExtraEach }

// total is what all pieces cost, computed as on the server.
func (l *Line) total() ui.Money { return l.each()*ui.Money(l.Quantity) + l.ExtraOnce }

// limit says why the line's quantity cannot exceed most.
func (l *Line) limit() string { return limitText(l.most(), l.Limited) }

// limitText says why a quantity is not larger: no more in stock, or the most that one cart may
// hold.
func limitText(most int64, inStock bool) string {
	if inStock && most < maxQuantity {
		return ui.CountMessageText(most, "cart.only_left")
	}
	return ui.CountMessageText(most, "cart.at_most")
}

// most is the line's largest possible quantity.
func (l *Line) most() int64 {
	if l.Limited && l.Max > 0 {
		return min(l.Max, maxQuantity)
	}
	return maxQuantity
}

// CartAnswer is the server's answer to a change of the cart, or to a request for it: the number of
// items, or an error.
type CartAnswer struct {
	Count, Version int64
	message        string
}

func (a *CartAnswer) Bind(b *ui.Binder) {
	b.Field("count").Int64(&a.Count)
	b.Field("version").Int64(&a.Version)
	b.Field("error").Record(&refusal{&a.message})
}

// Refusal is the message for the visitor when the cart was not changed.
func (a *CartAnswer) Refusal() string {
	if a.message != "" {
		return a.message
	}
	return ui.MessageText("cart.failed")
}

// UpdateCart reads the answer to a request that changed or fetched the cart, and updates the badge.
// Such a request wants a CartAnswer:
//
//	ui.Fetch(ui.Request{
//		Method: "POST", URL: ui.URL("/cart/remove"), Form: ui.FormData{}.Int("line", c.line),
//		Wants: &theme.CartAnswer{}, Then: "Removed",
//	})
func UpdateCart(e ui.Event) (answer CartAnswer) {
	e.Data(&answer)
	if e.OK() {
		Cart.Update(func(c *CartState) { c.update(answer.Count, answer.Version) })
	}
	return answer
}

// cartLines is CartAnswer for components that show the lines too.
type cartLines struct {
	CartAnswer
	lines []Line
}

func (a *cartLines) Bind(b *ui.Binder) {
	a.CartAnswer.Bind(b)
	ui.Records(b.Field("lines"), &a.lines)
}

// refusal is the error of an answer.
type refusal struct{ message *string }

func (r *refusal) Bind(b *ui.Binder) { b.Field("message").String(r.message) }
