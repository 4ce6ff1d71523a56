package main

import "protium.dev/components/ui"

// __type__ shows a text below a title.
//
//	<go-__name__ title="__title__" text="…"></go-__name__>
type __type__ struct{ title, text string }

func init() {
	ui.Register("__name__", func() ui.Component { return &__type__{} })
}

func (c *__type__) Bind(b *ui.Binder) {
	b.Prop("title").String(&c.title)
	b.Prop("text").String(&c.text)
}

func (c *__type__) Render() ui.Node {
	return ui.Section(
		ui.Class("__name__"),
		ui.H2(ui.Str(c.title)),
		ui.P(ui.Str(c.text)),
	)
}
