// Package main is the module of the lab, the shop of the browser tests for hydration: the theme,
// and components for counters, text fields, failures and lists.
package main

import (
	_ "protium.dev/components/theme"
	"protium.dev/components/ui"
)

func init() {
	ui.Register("counter", func() ui.Component { return &Counter{} })
	ui.Register("echo", func() ui.Component { return &Echo{} })
	ui.Register("fuse", func() ui.Component { return &Fuse{} })
	ui.Register("guests", func() ui.Component { return &Guests{} })
	ui.Register("panel", func() ui.Component { return &Panel{} }, ui.HasSlot())
	ui.Register("tally", func() ui.Component { return &Tally{} })
}

// Counter counts clicks, and can be told to fail.
type Counter struct{ value int64 }

func (c *Counter) Bind(b *ui.Binder) {
	b.Prop("start").Int64(&c.value)
	b.State("value").Int64(&c.value)
	b.On("Inc", c.Inc)
	b.On("Fail", c.Fail)
}

// Inc counts.
func (c *Counter) Inc(ui.Event) { c.value++ }

// Fail changes its state and traps.
func (c *Counter) Fail(ui.Event) {
	c.value = -1
	panic("told to fail")
}

func (c *Counter) Render() ui.Node {
	return ui.Div(ui.Class("counter"),
		ui.Output(ui.Int(c.value)),
		ui.Button(ui.Class("inc"), ui.Attr("type", "button"), ui.On("click", "Inc"), ui.Text("Count")),
		ui.Button(ui.Class("fail"), ui.Attr("type", "button"), ui.On("click", "Fail"), ui.Text("Fail")))
}

// Echo shows what is typed, and in which order things happened to it.
type Echo struct {
	text string
	log  string
}

func (c *Echo) Bind(b *ui.Binder) {
	b.Prop("text").String(&c.text)
	b.State("text").String(&c.text)
	b.State("log").String(&c.log)
	b.On("Typed", c.Typed)
	b.On("Clicked", c.Clicked)
	b.On("Clear", c.Clear)
}

// Typed stores the text.
func (c *Echo) Typed(e ui.Event) {
	c.text = e.Value()
	c.log += "t"
}

// Clicked notes the click.
func (c *Echo) Clicked(ui.Event) { c.log += "c" }

// Clear empties the field.
func (c *Echo) Clear(ui.Event) { c.text = "" }

func (c *Echo) Render() ui.Node {
	return ui.Div(
		ui.Class("echo"),
		ui.Label(
			ui.Text("Text "),
			ui.Input(ui.Attr("name", "text"), ui.Value(c.text), ui.On("input", "Typed")),
		),
		ui.Button(
			ui.Class("note"),
			ui.Attr("type", "button"),
			ui.On("click", "Clicked"),
			ui.Text("Note"),
		),
		ui.Button(
			ui.Class("clear"),
			ui.Attr("type", "button"),
			ui.On("click", "Clear"),
			ui.Text("Clear"),
		),
		ui.Output(ui.Class("text"), ui.Str(c.text)),
		ui.Output(ui.Class("log"), ui.Str(c.log)),
	)
}

// Fuse traps when it is rendered blown.
type Fuse struct {
	number int64
	blown  bool
}

func (c *Fuse) Bind(b *ui.Binder) {
	b.Prop("number").Int64(&c.number)
	b.Prop("blown").Bool(&c.blown)
	b.On("Tap", func(ui.Event) { c.number += 100 })
}

func (c *Fuse) Render() ui.Node {
	if c.blown {
		panic("blown")
	}
	return ui.Article(ui.Class("fuse"), ui.Button(ui.On("click", "Tap"), ui.Int(c.number)))
}

// Guest is a row of Guests.
type Guest struct {
	ID   int64
	Name string
}

func (g *Guest) Bind(b *ui.Binder) {
	b.Field("id").Int64(&g.ID)
	b.Field("name").String(&g.Name)
}

// Guests is a list beside text and a condition, with a field in each row.
type Guests struct {
	list []Guest
	last int64
	open bool
}

// Init invites three.
func (c *Guests) Init() {
	c.list = []Guest{{1, "Ada"}, {2, "Bo"}, {3, "Cy"}}
	c.last = 3
}

func (c *Guests) Bind(b *ui.Binder) {
	ui.Records(b.State("list"), &c.list)
	b.State("last").Int64(&c.last)
	b.State("open").Bool(&c.open)
	b.On("First", func(ui.Event) { c.last++; c.list = append([]Guest{{c.last, "New"}}, c.list...) })
	b.On("Reverse", func(ui.Event) {
		for i, j := 0, len(c.list)-1; i < j; i, j = i+1, j-1 {
			c.list[i], c.list[j] = c.list[j], c.list[i]
		}
	})
	b.On("Remove", c.Remove)
	b.On("Fail", func(ui.Event) { c.list = nil; panic("told to fail") })
	b.On("Toggle", func(ui.Event) { c.open = !c.open })
}

// Remove removes a guest from the list.
func (c *Guests) Remove(e ui.Event) {
	for i := range c.list {
		if c.list[i].ID == e.Key() {
			c.list = append(c.list[:i:i], c.list[i+1:]...)
			return
		}
	}
}

func (c *Guests) Render() ui.Node {
	return ui.Section(
		ui.Class("guests"),
		ui.Button(
			ui.Class("first"),
			ui.Attr("type", "button"),
			ui.On("click", "First"),
			ui.Text("First"),
		),
		ui.Button(
			ui.Class("reverse"),
			ui.Attr("type", "button"),
			ui.On("click", "Reverse"),
			ui.Text("Reverse"),
		),
		ui.Button(
			ui.Class("toggle"),
			ui.Attr("type", "button"),
			ui.On("click", "Toggle"),
			ui.Text("Toggle"),
		),
		ui.P(ui.Class("count"), ui.Text("There are "), ui.Int(int64(len(c.list))), ui.Text(" guests"),
			ui.If(c.open, func() ui.Node { return ui.Em(ui.Text(", and the door is open")) }), ui.Text(".")),
		ui.Ul(ui.Each(c.list, func(g *Guest) int64 { return g.ID }, guestRow)),
	)
}

func guestRow(g *Guest) ui.Node {
	return ui.Li(
		ui.Span(ui.Class("name"), ui.Str(g.Name)),
		ui.Input(ui.Attr("aria-label", "note")),
		ui.Button(
			ui.Class("remove"),
			ui.Attr("type", "button"),
			ui.On("click", "Remove"),
			ui.Text("Remove"),
		),
	)
}

// Panel opens and closes around what the template puts into it.
type Panel struct{ open bool }

func (c *Panel) Bind(b *ui.Binder) {
	b.Prop("open").Bool(&c.open)
	b.State("open").Bool(&c.open)
	b.On("Toggle", func(ui.Event) { c.open = !c.open })
}

func (c *Panel) Render() ui.Node {
	return ui.Section(
		ui.Class("panel"),
		ui.ClassIf("is-open", c.open),
		ui.Button(
			ui.Class("toggle"),
			ui.Attr("type", "button"),
			ui.On("click", "Toggle"),
			ui.Text("Open"),
		),
		ui.Div(ui.Class("panel-content"), ui.Slot()),
	)
}

// TallyState is shared by all Tallies of a page.
type TallyState struct{ Count int64 }

func (s *TallyState) Bind(b *ui.Binder) { b.Field("count").Int64(&s.Count) }

var tally = ui.NewStore("tally", TallyState{})

// Tally counts together with the others of its kind.
type Tally struct{}

func (c *Tally) Bind(b *ui.Binder) { b.On("Inc", c.Inc) }

// Inc counts for all.
func (c *Tally) Inc(ui.Event) { tally.Update(func(s *TallyState) { s.Count++ }) }

func (c *Tally) Render() ui.Node {
	return ui.Button(
		ui.Class("tally"),
		ui.Attr("type", "button"),
		ui.On("click", "Inc"),
		ui.Int(tally.Get().Count),
	)
}

func main() {}
