package main

import "protium.dev/components/ui"

// few is how many pieces are worth a warning.
const few = 20

// StockLevel says how many pieces there are.
//
//	<go-stock-level pieces="3"></go-stock-level>
type StockLevel struct{ pieces int64 }

func init() {
	ui.Register("stock-level", func() ui.Component { return &StockLevel{} },
		ui.Messages("stock.pieces stock.none"))
}

func (s *StockLevel) Bind(b *ui.Binder) {
	b.Prop("pieces").Int64(&s.pieces)
}

func (s *StockLevel) Render() ui.Node {
	if s.pieces <= 0 {
		return ui.P(ui.Class("stock-level is-none"), ui.Message("stock.none"))
	}
	return ui.P(
		ui.Class("stock-level"), ui.ClassIf("is-few", s.pieces < few),
		ui.CountMessage(s.pieces, "stock.pieces"),
	)
}
