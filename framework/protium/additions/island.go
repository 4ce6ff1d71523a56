package main

import "protium.dev/components/ui"

// __type__ is a title that shows its text, and hides it, when it is clicked.
//
//	<go-__name__ title="__title__" text="…" hydrate="visible"></go-__name__>
type __type__ struct {
	title, text string
	open        bool
}

func init() {
	ui.Register("__name__", func() ui.Component { return &__type__{} })
}

func (c *__type__) Bind(b *ui.Binder) {
	b.Prop("title").String(&c.title)
	b.Prop("text").String(&c.text)
	b.State("open").Bool(&c.open)
	b.On("Toggle", func(ui.Event) { c.open = !c.open })
}

func (c *__type__) Render() ui.Node {
	expanded := "false"
	if c.open {
		expanded = "true"
	}
	return ui.Section(
		ui.Class("__name__"),
		ui.Button(
			ui.Class("button button-quiet"), ui.Attr("type", "button"),
			ui.AttrStr("aria-expanded", expanded), ui.On("click", "Toggle"),
			ui.Str(c.title),
		),
		ui.P(ui.BoolAttr("hidden", !c.open), ui.Str(c.text)),
	)
}
