package main

import "protium.dev/components/ui"

func init() {
	ui.Register("conditions", func() ui.Component { return &Conditions{} })
	ui.Register("rows", func() ui.Component { return &Rows{} })
	ui.Register("nested", func() ui.Component { return &Nested{} })
	ui.Register("shapes", func() ui.Component { return &Shapes{} })
}

// Conditions opens and closes blocks, with and without siblings.
type Conditions struct {
	a, b bool
	name string
}

func (c *Conditions) Bind(b *ui.Binder) {
	b.Prop("a").Bool(&c.a)
	b.Prop("b").Bool(&c.b)
	b.Prop("name").String(&c.name)
	b.State("a").Bool(&c.a)
	b.State("b").Bool(&c.b)
	b.State("name").String(&c.name)
	b.On("A", func(ui.Event) { c.a = !c.a })
	b.On("B", func(ui.Event) { c.b = !c.b })
	b.On("Name", func(e ui.Event) { c.name += "!" })
}

func (c *Conditions) Render() ui.Node {
	return ui.Div(
		ui.Button(ui.Class("a"), ui.On("click", "A"), ui.Text("a")),
		ui.If(c.a, func() ui.Node {
			return ui.P(ui.Class("is-a"), ui.Text("a: "), ui.Str(c.name),
				ui.If(c.b, func() ui.Node { return ui.Em(ui.On("click", "Name"), ui.Str(c.name)) }))
		}),
		ui.Button(ui.Class("b"), ui.On("click", "B"), ui.Text("b")),
		ui.Div(ui.Class("alone"), ui.If(c.b, func() ui.Node { return ui.Strong(ui.Text("alone")) })),
		ui.IfElse(
			c.b,
			func() ui.Node { return ui.H3(ui.Str(c.name)) },
			func() ui.Node { return ui.H4(ui.Text("no b")) },
		),
		ui.P(ui.Text("last: "), ui.Str(c.name)),
	)
}

// Row is one of Rows.
type Row struct {
	ID   int64
	Name string
	Tags []string
	Done bool
}

func (r *Row) Bind(b *ui.Binder) {
	b.Field("id").Int64(&r.ID)
	b.Field("name").String(&r.Name)
	b.Field("tags").Strings(&r.Tags)
	b.Field("done").Bool(&r.Done)
}

// Rows is a keyed list, with a list and a condition in each row, and a list of its own beside other
// content.
type Rows struct {
	rows []Row
	next int64
}

func (c *Rows) Init() {
	for i := range c.rows {
		c.next = max(c.next, c.rows[i].ID)
	}
}

func (c *Rows) Bind(b *ui.Binder) {
	ui.Records(b.Prop("rows"), &c.rows)
	ui.Records(b.State("rows"), &c.rows)
	b.State("next").Int64(&c.next)
	b.On("Add", func(ui.Event) { c.next++; c.rows = append(c.rows, Row{ID: c.next, Name: "new"}) })
	b.On(
		"Put",
		func(ui.Event) { c.next++; c.rows = append([]Row{{ID: c.next, Name: "first"}}, c.rows...) },
	)
	b.On("Remove", func(e ui.Event) { c.remove(e.Key()) })
	b.On("Done", func(e ui.Event) { c.done(e.Key()) })
	b.On("Tag", func(e ui.Event) { c.tag(e.KeyText()) })
	b.On("Reverse", func(ui.Event) { c.reverse() })
	b.On(
		"Swap",
		func(ui.Event) { last := len(c.rows) - 1; c.rows[0], c.rows[last] = c.rows[last], c.rows[0] },
	)
	b.On("Clear", func(ui.Event) { c.rows = nil })
	b.On("Set", func(e ui.Event) { c.order(e.ArgText(0)) })
}

func (c *Rows) remove(id int64) {
	for i := range c.rows {
		if c.rows[i].ID == id {
			c.rows = append(c.rows[:i:i], c.rows[i+1:]...)
			return
		}
	}
}

func (c *Rows) done(id int64) {
	for i := range c.rows {
		if c.rows[i].ID == id {
			c.rows[i].Done = !c.rows[i].Done
		}
	}
}

// tag removes a tag from every row that has it.
func (c *Rows) tag(tag string) {
	for i := range c.rows {
		var left []string
		for _, t := range c.rows[i].Tags {
			if t != tag {
				left = append(left, t)
			}
		}
		c.rows[i].Tags = left
	}
}

func (c *Rows) reverse() {
	var rows []Row
	for i := range c.rows {
		rows = append(rows, c.rows[len(c.rows)-1-i])
	}
	c.rows = rows
}

// order replaces the list by one row for each letter of a text.
func (c *Rows) order(text string) {
	c.rows = nil
	for i := 0; i < len(text); i++ {
		c.rows = append(c.rows, Row{ID: int64(text[i]), Name: text[i : i+1], Done: text[i] < 'a'})
	}
}

func (c *Rows) Render() ui.Node {
	return ui.Div(
		ui.Button(ui.Class("add"), ui.On("click", "Add"), ui.Text("add")),
		ui.Button(ui.Class("put"), ui.On("click", "Put"), ui.Text("put")),
		ui.Button(ui.Class("reverse"), ui.On("click", "Reverse"), ui.Text("reverse")),
		ui.Button(ui.Class("swap"), ui.On("click", "Swap"), ui.Text("swap")),
		ui.Button(ui.Class("clear"), ui.On("click", "Clear"), ui.Text("clear")),
		ui.Ul(ui.Class("rows"), ui.Each(c.rows, func(r *Row) int64 { return r.ID }, c.row)),
		ui.P(
			ui.Text("names: "),
			ui.Each(
				c.rows,
				func(r *Row) int64 { return r.ID },
				func(r *Row) ui.Node { return ui.Strong(ui.Str(r.Name)) },
			),
			ui.Text(" and "),
			ui.Each(
				c.rows,
				func(r *Row) string { return r.Name + "/" + ui.Money(r.ID).Format() },
				func(r *Row) ui.Node { return ui.Em(ui.Int(r.ID)) },
			),
			ui.Int(int64(len(c.rows))),
		))
}

func (c *Rows) row(r *Row) ui.Node {
	return ui.Li(ui.ClassIf("done", r.Done), ui.AttrInt("data-id", r.ID),
		ui.Span(ui.Class("name"), ui.Str(r.Name)),
		ui.If(r.Done, func() ui.Node { return ui.Span(ui.Class("tick"), ui.Text("✓")) }),
		ui.Ul(ui.Each(r.Tags, func(t *string) string { return *t }, func(t *string) ui.Node {
			return ui.Li(ui.Class("tag"), ui.Button(ui.On("click", "Tag"), ui.Str(*t)))
		})),
		ui.Button(ui.Class("check"), ui.On("click", "Done"), ui.Text("done")),
		ui.Button(ui.Class("remove"), ui.On("click", "Remove"), ui.Text("×")))
}

// Stepper is nested in others.
type Stepper struct {
	Label string
	value int64
}

func (s *Stepper) Bind(b *ui.Binder) {
	b.State("value").Int64(&s.value)
	b.On("More", func(ui.Event) { s.value++ })
	b.On("Less", func(ui.Event) { s.value-- })
}

func (s *Stepper) Render() ui.Node {
	return ui.Div(ui.Class("stepper"), ui.AttrStr("aria-label", s.Label),
		ui.Button(ui.Class("less"), ui.On("click", "Less"), ui.Text("−")),
		ui.Span(ui.Int(s.value)),
		ui.If(s.value > 2, func() ui.Node { return ui.Em(ui.Text("many")) }),
		ui.Button(ui.Class("more"), ui.On("click", "More"), ui.Text("+")))
}

// NestedLine is a row with a component in it.
type NestedLine struct {
	ID      int64
	stepper Stepper
}

func (l *NestedLine) Bind(b *ui.Binder) { b.Field("id").Int64(&l.ID) }

// Nested shows components in components, in a condition and in a list.
type Nested struct {
	only  Stepper
	extra Stepper
	more  bool
	lines []NestedLine
}

func (c *Nested) Bind(b *ui.Binder) {
	ui.Records(b.Prop("lines"), &c.lines)
	b.State("more").Bool(&c.more)
	b.State("extra").Record(&c.extra)
	ui.Records(b.State("lines"), &c.lines)
	b.On("Toggle", func(ui.Event) { c.more = !c.more })
	b.On("Drop", func(ui.Event) { c.lines = c.lines[1:] })
}

func (c *Nested) Render() ui.Node {
	c.only.Label = "only"
	c.extra.Label = "extra"
	return ui.Div(
		ui.Button(ui.Class("toggle"), ui.On("click", "Toggle"), ui.Text("more")),
		ui.Button(ui.Class("drop"), ui.On("click", "Drop"), ui.Text("drop")),
		ui.Div(ui.Class("only"), ui.Child(&c.only)),
		ui.If(
			c.more,
			func() ui.Node { return ui.Div(ui.Class("extra"), ui.Text("extra: "), ui.Child(&c.extra)) },
		),
		ui.Ul(ui.Each(c.lines, func(l *NestedLine) int64 { return l.ID }, func(l *NestedLine) ui.Node {
			return ui.Li(ui.Child(&l.stepper))
		})),
	)
}

// Shapes has a different root element for each state.
type Shapes struct {
	step int64
}

func (c *Shapes) Bind(b *ui.Binder) {
	b.Prop("step").Int64(&c.step)
	b.State("step").Int64(&c.step)
	b.On("Step", func(ui.Event) { c.step = (c.step + 1) % 3 })
}

func (c *Shapes) Render() ui.Node {
	switch c.step {
	case 1:
		return ui.Section(ui.Button(ui.On("click", "Step"), ui.Text("second")), ui.P(ui.Int(c.step)))
	case 2:
		return ui.Article(ui.P(ui.Text("third")), ui.Button(ui.On("click", "Step"), ui.Text("again")))
	}
	return ui.Div(ui.Button(ui.On("click", "Step"), ui.Text("first")))
}
