package main

import (
	"github.com/rivo/uniseg"

	"protium.dev/components/ui"
)

// most is how many characters fit on a card.
const most = 60

// GiftNote is what is written on the card of a present, with the number of characters that are
// left. A letter with its accents, or a flag, is one.
//
//	<go-gift-note hydrate="visible"></go-gift-note>
type GiftNote struct{ text string }

func init() { ui.Register("gift-note", func() ui.Component { return &GiftNote{} }) }

func (c *GiftNote) Bind(b *ui.Binder) {
	b.State("text").String(&c.text)
	b.On("Write", c.Write)
}

func (c *GiftNote) Write(e ui.Event) { c.text = e.Value() }

func (c *GiftNote) Render() ui.Node {
	left := most - int64(uniseg.GraphemeClusterCount(c.text))
	return ui.Div(
		ui.Class("field"),
		ui.Label(ui.Class("field-label"), ui.Attr("for", "gift-note"), ui.Text("A note for the card")),
		ui.Input(ui.Attr("id", "gift-note"), ui.Value(c.text), ui.On("input", "Write")),
		ui.Output(ui.Class("field-hint"), ui.ClassIf("is-error", left < 0), ui.Int(left)),
	)
}
