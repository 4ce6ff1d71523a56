// Package main is the shop's module: its own components and those of the theme.
package main

import "protium/ui"

// Counter counts clicks.
type Counter struct{ value int64 }

func (c *Counter) Bind(b *ui.Binder) {
	b.Prop("start").Int64(&c.value)
	b.State("value").Int64(&c.value)
	b.On("Inc", c.Inc)
}

func (c *Counter) Inc(ui.Event) { c.value++ }

func (c *Counter) Render() ui.Node {
	return ui.Div(ui.Class("counter"),
		ui.Span(ui.Int(c.value)),
		ui.Button(ui.Attr("type", "button"), ui.On("click", "Inc"), ui.Text("+")))
}

func init() { ui.Register("counter", func() ui.Component { return &Counter{} }) }

func main() {}
