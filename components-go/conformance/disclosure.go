package main

import "protium.dev/components/ui"

func init() { ui.Register("disclosure", func() ui.Component { return &Disclosure{} }) }

// Disclosure has properties that both visitor and component change.
type Disclosure struct {
	open, muted, more bool
	toggles           int64
}

func (c *Disclosure) Bind(b *ui.Binder) {
	b.Prop("open").Bool(&c.open)
	b.Prop("muted").Bool(&c.muted)
	b.State("open").Bool(&c.open)
	b.State("muted").Bool(&c.muted)
	b.State("more").Bool(&c.more)
	b.State("toggles").Int64(&c.toggles)
	b.On("Toggled", c.Toggled)
	b.On("Flip", func(ui.Event) { c.open = !c.open })
	b.On("Mute", func(ui.Event) { c.muted = !c.muted })
	b.On("More", func(ui.Event) { c.more = !c.more })
}

// Toggled stores the new state. It is called for changes by the component too.
func (c *Disclosure) Toggled(e ui.Event) {
	if c.open != e.Open() {
		c.open = e.Open()
		c.toggles++
	}
}

func (c *Disclosure) Render() ui.Node {
	return ui.Div(
		ui.Details(ui.Class("about"), ui.BoolProp("open", c.open), ui.On("toggle", "Toggled"),
			ui.Summary(ui.Text("About")), ui.P(ui.Text("Much."))),
		ui.El("video", ui.Attr("preload", "none"), ui.BoolProp("muted", c.muted)),
		ui.Dialog(ui.Class("beside"), ui.BoolProp("open", c.open && c.more), ui.P(ui.Text("Hello."))),
		ui.Button(ui.Class("flip"), ui.Attr("type", "button"), ui.On("click", "Flip"), ui.Text("flip")),
		ui.Button(ui.Class("mute"), ui.Attr("type", "button"), ui.On("click", "Mute"), ui.Text("mute")),
		ui.Button(ui.Class("more"), ui.Attr("type", "button"), ui.On("click", "More"), ui.Text("more")),
		ui.If(c.more, func() ui.Node {
			return ui.Details(ui.Class("inner"), ui.BoolProp("open", c.open), ui.Summary(ui.Text("More")))
		}),
		ui.Output(ui.Int(c.toggles)))
}
