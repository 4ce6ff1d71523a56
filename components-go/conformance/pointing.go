package main

import "protium.dev/components/ui"

func init() { ui.Register("pointing", func() ui.Component { return &Pointing{} }) }

// Pointing shows the event fields for pointers, keys and composed text.
type Pointing struct {
	at   ui.Pointer
	keys string
	text string
}

func (c *Pointing) Bind(b *ui.Binder) {
	b.State("x").Int64(&c.at.X)
	b.State("y").Int64(&c.at.Y)
	b.State("button").Int64(&c.at.Button)
	b.State("type").String(&c.at.Type)
	b.State("keys").String(&c.keys)
	b.State("text").String(&c.text)
	b.On("Point", c.Point)
	b.On("Typed", c.Typed)
}

// Point stores the position and the modifier keys.
func (c *Pointing) Point(e ui.Event) {
	c.at, c.keys = e.Pointer(), e.Pressed()
	if e.Alt() {
		c.keys += " alt"
	}
	if e.Ctrl() {
		c.keys += " ctrl"
	}
	if e.Meta() {
		c.keys += " meta"
	}
	if e.Shift() {
		c.keys += " shift"
	}
}

// Typed stores the text once it is composed.
func (c *Pointing) Typed(e ui.Event) {
	if !e.Composing() {
		c.text = e.Value()
	}
}

func (c *Pointing) Render() ui.Node {
	return ui.Div(
		ui.Button(ui.Class("point"), ui.Attr("type", "button"), ui.On("click", "Point"),
			ui.On("pointermove", "Point"), ui.On("keydown", "Point"), ui.Text("point")),
		ui.Input(ui.Class("field"), ui.On("input", "Typed")),
		ui.Output(ui.Class("at"), ui.Int(c.at.X), ui.Text(","), ui.Int(c.at.Y), ui.Text(" "),
			ui.Int(c.at.Button), ui.Text(" "), ui.Str(c.at.Type)),
		ui.Output(ui.Class("keys"), ui.Str(c.keys)),
		ui.Output(ui.Class("text"), ui.Str(c.text)))
}
