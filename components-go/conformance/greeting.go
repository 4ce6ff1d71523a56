package main

import "protium.dev/components/ui"

func init() {
	ui.Register("greeting", func() ui.Component { return &Greeting{} },
		ui.Messages("greeting.hello greeting.guests greeting.plain"))
}

// Greeting shows messages in the page's language.
type Greeting struct {
	name   string
	guests int64
}

func (c *Greeting) Bind(b *ui.Binder) {
	b.Prop("name").String(&c.name)
	b.Prop("guests").Int64(&c.guests)
	b.State("guests").Int64(&c.guests)
	b.On("More", func(ui.Event) { c.guests++ })
}

func (c *Greeting) Render() ui.Node {
	return ui.Div(
		ui.H3(ui.Message("greeting.hello", "name", c.name)),
		ui.Button(ui.On("click", "More"), ui.AttrStr("title", ui.MessageText("greeting.plain")),
			ui.CountMessage(c.guests, "greeting.guests")))
}
