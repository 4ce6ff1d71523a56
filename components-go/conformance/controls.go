package main

import "protium.dev/components/ui"

func init() { ui.Register("controls", func() ui.Component { return &Controls{} }) }

// Controls has a form control of each kind, and refuses some choices: the controls then show the
// component's value again.
type Controls struct {
	quantity     int64
	size, colour string
	agreed       bool
	text, free   string
	sizes        []string
	sent         int64
}

// Init has sizes to choose from.
func (c *Controls) Init() {
	c.sizes = []string{"S", "M", "L", "XL"}
	c.quantity = max(c.quantity, 1)
}

func (c *Controls) Bind(b *ui.Binder) {
	b.Prop("size").String(&c.size)
	b.Prop("colour").String(&c.colour)
	b.Prop("text").String(&c.text)
	b.State("quantity").Int64(&c.quantity)
	b.State("size").String(&c.size)
	b.State("colour").String(&c.colour)
	b.State("agreed").Bool(&c.agreed)
	b.State("text").String(&c.text)
	b.State("sent").Int64(&c.sent)
	b.On("Typed", c.Typed)
	b.On("Size", c.Size)
	b.On("Colour", c.Colour)
	b.On("Agree", c.Agree)
	b.On("Text", func(e ui.Event) { c.text = e.Value() })
	b.On("Send", func(ui.Event) { c.sent++ })
}

// Typed accepts a digit from 1 to 5, and sends it after a pause.
func (c *Controls) Typed(e ui.Event) {
	v := e.Value()
	if len(v) == 1 && v[0] >= '1' && v[0] <= '5' {
		c.quantity = int64(v[0] - '0')
	} else if v != "" {
		c.quantity = min(max(c.quantity, 1), 5)
	}
	ui.Debounce(1500, "Send")
}

// Size refuses XL.
func (c *Controls) Size(e ui.Event) {
	if e.Value() != "XL" {
		c.size = e.Value()
	}
}

// Colour refuses blue.
func (c *Controls) Colour(e ui.Event) {
	if e.Value() != "blue" {
		c.colour = e.Value()
	}
}

// Agree is accepted only with some text.
func (c *Controls) Agree(e ui.Event) { c.agreed = e.Checked() && c.text != "" }

func (c *Controls) Render() ui.Node {
	return ui.Form(
		ui.Class("controls"),
		ui.Input(
			ui.Class("quantity"),
			ui.Attr("name", "quantity"),
			ui.ValueInt(c.quantity),
			ui.On("input", "Typed"),
		),
		ui.Select(
			ui.Class("size"),
			ui.Value(c.size),
			ui.On("change", "Size"),
			ui.Option(ui.Attr("value", ""), ui.Text("Choose")),
			ui.Each(
				c.sizes,
				func(s *string) string { return *s },
				func(s *string) ui.Node { return ui.Option(ui.Str(*s)) },
			),
			ui.Option(ui.AttrStr("value", "other"), ui.Text("Another")),
		),
		ui.Select(
			ui.Class("same"),
			ui.Value(c.size),
			ui.Option(ui.Text("S")),
			ui.Option(ui.Text("M")),
			ui.Option(ui.Text("M")),
		),
		c.radio("red", ui.Class("red"), ui.Attr("value", "red"), ui.Text("red")),
		c.radio("green", ui.Class("green"), ui.Attr("value", "green"), ui.Text("green")),
		c.radio("blue", ui.Class("blue"), ui.Attr("value", "blue"), ui.Text("blue")),
		ui.Input(
			ui.Class("agree"),
			ui.Attr("type", "checkbox"),
			ui.Checked(c.agreed),
			ui.On("change", "Agree"),
		),
		ui.Textarea(ui.Class("text"), ui.Value(c.text), ui.On("input", "Text")),
		// No handler receives its changes: what is typed into it stays.
		ui.Input(ui.Class("free"), ui.Value(c.free)),
		ui.El("pre", ui.Str(c.text)),
		ui.El("pre", ui.Text("\nfirst"), ui.Str(c.text)),
		ui.El("pre", ui.Str(c.text), ui.Text("\nlast")),
		ui.Output(
			ui.Class("said"),
			ui.Int(c.quantity),
			ui.Text(" "),
			ui.Str(c.size),
			ui.Text(" "),
			ui.Str(c.colour),
			ui.Text(" "),
			ui.Int(c.sent),
		),
	)
}

func (c *Controls) radio(colour string, class, value, text ui.Node) ui.Node {
	return ui.Label(
		ui.Input(
			class,
			ui.Attr("type", "radio"),
			ui.Attr("name", "colour"),
			value,
			ui.Checked(c.colour == colour),
			ui.On("change", "Colour"),
		),
		text,
	)
}
