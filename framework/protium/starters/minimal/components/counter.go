package main

import "protium.dev/components/ui"

// Counter counts clicks.
//
//	<go-counter start="0" hydrate="load"></go-counter>
type Counter struct{ count int64 }

func init() {
	ui.Register("counter", func() ui.Component { return &Counter{} },
		ui.Messages("counter.clicks counter.more"))
}

func (c *Counter) Bind(b *ui.Binder) {
	b.Prop("start").Int64(&c.count)
	b.State("count").Int64(&c.count)
	b.On("More", func(ui.Event) { c.count++ })
}

func (c *Counter) Render() ui.Node {
	return ui.Div(
		ui.Class("hero-actions"),
		ui.Output(ui.CountMessage(c.count, "counter.clicks")),
		ui.Button(
			ui.Class("button button-primary"), ui.Attr("type", "button"),
			ui.On("click", "More"), ui.Message("counter.more"),
		),
	)
}
