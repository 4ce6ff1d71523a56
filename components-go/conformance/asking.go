package main

import "protium.dev/components/ui"

func init() {
	ui.Register("asking", func() ui.Component { return &Asking{} })
}

// Asking asks for the path of the page and for its time, when it is told to.
type Asking struct{ path, time bool }

func (c *Asking) Bind(b *ui.Binder) {
	b.Prop("path").Bool(&c.path)
	b.Prop("time").Bool(&c.time)
}

func (c *Asking) Render() ui.Node {
	path, time := "", int64(0)
	if c.path {
		path = ui.Ctx().Path()
	}
	if c.time {
		time = ui.Ctx().Time()
	}
	return ui.P(ui.Str(path), ui.Text(" "), ui.Int(time))
}
