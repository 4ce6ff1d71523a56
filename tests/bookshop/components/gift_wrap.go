package main

import (
	"github.com/rivo/uniseg"

	"protium.dev/components/ui"
)

// most is how many characters fit on a card.
const most = 60

// GiftWrap makes a book a present: a check box, and then the note for the card. It stands in the
// form that adds the book to the cart, which sends both fields.
//
//	<go-gift-wrap price="{{ gift_wrap_price() }}" hydrate="visible"></go-gift-wrap>
type GiftWrap struct {
	price ui.Money
	wrap  bool
	note  string
}

func init() {
	ui.Register("gift-wrap", func() ui.Component { return &GiftWrap{} },
		ui.Messages("gift.left gift.note gift.price gift.wrap"))
}

func (c *GiftWrap) Bind(b *ui.Binder) {
	b.Prop("price").Money(&c.price)
	b.State("wrap").Bool(&c.wrap)
	b.State("note").String(&c.note)
	b.On("Wrap", func(e ui.Event) { c.wrap = e.Checked() })
	b.On("Write", func(e ui.Event) { c.note = e.Value() })
}

func (c *GiftWrap) Render() ui.Node {
	// A letter with its accents, or a flag, is one character.
	left := most - int64(uniseg.GraphemeClusterCount(c.note))
	return ui.Div(
		ui.Class("gift-wrap"),
		// Of two fields with one name the last one counts: this one says that the box is empty.
		ui.Input(
			ui.Attr("type", "hidden"),
			ui.Attr("name", "attributes[gift_wrap]"),
			ui.Attr("value", ""),
		),
		ui.Label(
			ui.Class("gift-wrap-choice"),
			ui.Input(
				ui.Attr("type", "checkbox"),
				ui.Attr("name", "attributes[gift_wrap]"),
				ui.Checked(c.wrap),
				ui.On("change", "Wrap"),
			),
			ui.Span(ui.Message("gift.wrap")),
			ui.Span(
				ui.Class("gift-wrap-price"),
				ui.Message("gift.price", "price", c.price.Format()),
			),
		),
		// Without JavaScript the stylesheet shows it.
		ui.Div(
			ui.Class("field gift-note"),
			ui.BoolAttr("hidden", !c.wrap),
			ui.Label(ui.Class("field-label"), ui.Attr("for", "gift-note"), ui.Message("gift.note")),
			ui.Input(
				ui.Attr("id", "gift-note"),
				ui.Attr("name", "attributes[gift_note]"),
				ui.Attr("autocomplete", "off"),
				ui.Value(c.note),
				ui.On("input", "Write"),
			),
			ui.Output(
				ui.Class("form-message"),
				ui.ClassIf("is-error", left < 0),
				ui.Attr("for", "gift-note"),
				ui.CountMessage(left, "gift.left"),
			),
		),
	)
}
