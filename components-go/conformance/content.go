package main

import "protium.dev/components/ui"

func init() {
	ui.Register("counter", func() ui.Component { return &Counter{} })
	ui.Register("texts", func() ui.Component { return &Texts{} })
	ui.Register("numbers", func() ui.Component { return &Numbers{} })
	ui.Register("attributes", func() ui.Component { return &Attributes{} })
	ui.Register("markup", func() ui.Component { return &Markup{} })
	ui.Register("still", func() ui.Component { return &Still{} })
	ui.Register(
		"panel",
		func() ui.Component { return &Panel{} },
		ui.HasSlot(),
		ui.DefaultHydrate("visible"),
	)
}

// Counter is a number and a button.
type Counter struct{ value int64 }

func (c *Counter) Bind(b *ui.Binder) {
	b.Prop("start").Int64(&c.value)
	b.State("value").Int64(&c.value)
	b.On("Inc", c.Inc)
	b.On("Set", c.Set)
	b.On("Fail", c.Fail)
}

func (c *Counter) Inc(ui.Event)   { c.value++ }
func (c *Counter) Set(e ui.Event) { c.value = e.ArgInt(0) }

// Fail changes its state, then traps.
func (c *Counter) Fail(ui.Event) {
	c.value = -1
	panic("the counter was told to fail")
}

func (c *Counter) Render() ui.Node {
	return ui.Div(ui.Class("counter"),
		ui.Span(ui.Int(c.value)),
		ui.Button(ui.Class("inc"), ui.Attr("type", "button"), ui.On("click", "Inc"), ui.Text("+")),
		ui.Button(ui.Class("fail"), ui.Attr("type", "button"), ui.On("click", "Fail"), ui.Text("!")))
}

// Texts has text in every place where text can be.
type Texts struct{ a, b, note string }

func (c *Texts) Bind(b *ui.Binder) {
	b.Prop("a").String(&c.a)
	b.Prop("b").String(&c.b)
	b.Prop("note").String(&c.note)
	b.State("a").String(&c.a)
	b.State("b").String(&c.b)
	b.State("note").String(&c.note)
	b.On("Type", func(e ui.Event) { c.a = e.Value() })
	b.On("Note", func(e ui.Event) { c.note = e.Value() })
	b.On("Swap", func(ui.Event) { c.a, c.b = c.b, c.a })
}

func (c *Texts) Render() ui.Node {
	return ui.Section(
		ui.AttrStr("title", c.a),
		ui.H2(ui.Str(c.a)),
		ui.P(ui.Text("before <& "), ui.Str(c.a), ui.Text(" between "), ui.Str(c.b)),
		ui.P(ui.Str(c.a), ui.Str(c.b)),
		ui.P(ui.Fragment(ui.Str(c.a))),
		ui.P(ui.Fragment(ui.Em(ui.Text("static")), ui.Str(c.b)), ui.Strong(ui.Str(c.a)), ui.Text("end")),
		ui.Input(ui.Class("type"), ui.Attr("name", "a"), ui.Value(c.a), ui.On("input", "Type")),
		ui.Textarea(
			ui.Attr("name", "note"),
			ui.Attr("rows", "2"),
			ui.Value(c.note),
			ui.On("input", "Note"),
		),
		ui.Button(ui.Attr("type", "button"), ui.On("click", "Swap"), ui.Text("Swap")),
	)
}

// Numbers shows integers, money, dates and plurals.
type Numbers struct {
	n     int64
	small int32
	price ui.Money
	when  int64
}

func (c *Numbers) Bind(b *ui.Binder) {
	b.Prop("n").Int64(&c.n)
	b.Prop("small").Int32(&c.small)
	b.Prop("price").Money(&c.price)
	b.Prop("when").Int64(&c.when)
}

func (c *Numbers) Render() ui.Node {
	return ui.Dl(
		ui.AttrInt("data-n", c.n),
		ui.Dt(ui.Text("int")),
		ui.Dd(ui.Int(c.n)),
		ui.Dt(ui.Text("int32")),
		ui.Dd(ui.Int(int64(c.small))),
		ui.Dt(ui.Text("number")),
		ui.Dd(ui.Number(c.n)),
		ui.Dt(ui.Text("money")),
		ui.Dd(ui.Amount(c.price)),
		ui.Dt(
			ui.Text("dates"),
		),
		ui.Dd(
			ui.Date(c.when, ui.DateShort),
			ui.Text(" · "),
			ui.Date(c.when, ui.DateMedium),
			ui.Text(" · "),
			ui.Date(c.when, ui.DateLong),
		),
		ui.Dt(ui.Text("plural")),
		ui.Dd(ui.Plural(c.n, ui.Forms{
			Zero: "{n} items (zero)", One: "{n} item", Two: "{n} items (two)",
			Few: "{n} items (few)", Many: "{n} items (many)", Other: "{n} items"})),
	)
}

// Attributes has attributes and classes of every kind.
type Attributes struct {
	url, label      string
	has, on, active bool
}

func (c *Attributes) Bind(b *ui.Binder) {
	b.Prop("url").String(&c.url)
	b.Prop("label").Opt(&c.has).String(&c.label)
	b.Prop("on").Bool(&c.on)
	b.Prop("active").Bool(&c.active)
	b.State("label").Opt(&c.has).String(&c.label)
	b.State("on").Bool(&c.on)
	b.State("active").Bool(&c.active)
	b.On("Toggle", func(ui.Event) { c.on, c.active = !c.on, !c.active })
	b.On("Label", func(ui.Event) { c.has = !c.has })
	b.On("Check", func(e ui.Event) { c.on = e.Checked() })
}

func (c *Attributes) Render() ui.Node {
	return ui.Div(
		ui.Class("attributes wide"),
		ui.ClassIf("on", c.on),
		ui.AttrOpt("aria-label", c.label, c.has),
		ui.ClassIf("active", c.active),
		ui.A(ui.AttrStr("href", c.url), ui.Attr("title", `a "quoted" & <constant>`), ui.Text("link")),
		ui.Img(ui.AttrStr("src", c.url), ui.Attr("alt", "")),
		ui.Button(
			ui.Class("toggle"),
			ui.BoolAttr("disabled", c.label == "off"),
			ui.On("click", "Toggle"),
			ui.Text("toggle"),
		),
		ui.Button(
			ui.Class("label"),
			ui.ClassIf("is-on", c.has),
			ui.On("click", "Label"),
			ui.Text("label"),
		),
		ui.Span(ui.ClassIf("lonely", c.on)),
		ui.Input(ui.Attr("type", "checkbox"), ui.Checked(c.on), ui.On("change", "Check")),
		ui.Select(ui.Attr("name", "s"),
			ui.El("option", ui.Attr("value", "1"), ui.Checked(!c.active), ui.Text("one")),
			ui.El("option", ui.Attr("value", "2"), ui.Checked(c.active), ui.Text("two"))),
	)
}

// Markup shows trusted HTML.
type Markup struct{ html string }

func (c *Markup) Bind(b *ui.Binder) { b.Prop("html").String(&c.html) }

func (c *Markup) Render() ui.Node {
	return ui.Article(ui.Div(ui.Class("body"), ui.UnsafeHTML(c.html)), ui.Footer(ui.Text("—")))
}

// Still never changes.
type Still struct{}

func (c *Still) Bind(*ui.Binder) {}

func (c *Still) Render() ui.Node {
	return ui.P(
		ui.Class("still"),
		ui.Text("Nothing "),
		ui.Em(ui.Text("changes")),
		ui.Text(" here, 1 < 2."),
	)
}

// Panel shows what the template puts between its tags.
type Panel struct {
	title string
	open  bool
}

func (c *Panel) Bind(b *ui.Binder) {
	b.Prop("title").String(&c.title)
	b.Prop("open").Bool(&c.open)
	b.State("open").Bool(&c.open)
	b.On("Toggle", func(ui.Event) { c.open = !c.open })
}

func (c *Panel) Render() ui.Node {
	return ui.Section(ui.Class("panel"),
		ui.Button(ui.AttrOpt("aria-expanded", "true", c.open), ui.On("click", "Toggle"), ui.Str(c.title)),
		ui.Div(ui.BoolAttr("hidden", !c.open), ui.Slot()),
		ui.If(c.open, func() ui.Node { return ui.P(ui.Text("open")) }))
}
