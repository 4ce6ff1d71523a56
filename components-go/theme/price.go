package theme

import "protium.dev/components/ui"

// priceMessages are the messages of every component that shows a price.
var priceMessages = ui.Messages("product.from product.instead_of")

// price shows a price, and the former one if it was higher.
func price(now, before ui.Money, from, large bool) ui.Node {
	reduced := before > now
	return ui.P(
		ui.Class("price"),
		ui.ClassIf("price-large", large),
		ui.ClassIf("price-reduced", reduced),
		ui.If(from, func() ui.Node {
			return ui.Span(ui.Class("price-from"), ui.Str(ui.MessageText("product.from")+" "))
		}),
		ui.Span(ui.Class("price-now"), ui.Attr("translate", "no"), ui.Amount(now)),
		ui.If(reduced, func() ui.Node {
			return ui.Span(ui.Class("visually-hidden"), ui.Text(" "),
				ui.Message("product.instead_of"), ui.Text(" "))
		}),
		ui.If(
			reduced,
			func() ui.Node {
				return ui.S(ui.Class("price-was"), ui.Attr("translate", "no"), ui.Amount(before))
			},
		),
	)
}
