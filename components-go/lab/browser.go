package main

import "protium.dev/components/ui"

func init() {
	ui.Register("pad", func() ui.Component { return &Pad{} })
	ui.Register("about", func() ui.Component { return &About{} })
	ui.Register("ask", func() ui.Component { return &Ask{} })
	ui.Register("endless", func() ui.Component { return &Endless{} })
	ui.Register("track", func() ui.Component { return &Track{} })
	ui.Register("shelf", func() ui.Component { return &Shelf{} },
		ui.Persist(ui.ThisTab, "books", "left"))
}

// Pad shows the pointer's position on it, and the modifier keys.
type Pad struct {
	at    ui.Pointer
	shift bool
	text  string
}

func (c *Pad) Bind(b *ui.Binder) {
	b.State("dx").Int64(&c.at.OffsetX)
	b.State("dy").Int64(&c.at.OffsetY)
	b.State("w").Int64(&c.at.Width)
	b.State("h").Int64(&c.at.Height)
	b.State("button").Int64(&c.at.Button)
	b.State("type").String(&c.at.Type)
	b.State("shift").Bool(&c.shift)
	b.State("text").String(&c.text)
	b.On("Down", func(e ui.Event) { c.at, c.shift = e.Pointer(), e.Shift() })
	b.On("Typed", func(e ui.Event) {
		if !e.Composing() {
			c.text = e.Value()
		}
	})
}

func (c *Pad) Render() ui.Node {
	return ui.Section(
		ui.Div(ui.Class("pad"), ui.On("pointerdown", "Down"), ui.Span(ui.Text("pad"))),
		ui.Input(ui.Class("composed"), ui.Attr("aria-label", "text"), ui.On("input", "Typed")),
		ui.Output(ui.Class("point"), ui.Int(c.at.OffsetX), ui.Text(","), ui.Int(c.at.OffsetY),
			ui.Text(" in "), ui.Int(c.at.Width), ui.Text("x"), ui.Int(c.at.Height), ui.Text(" "),
			ui.Int(c.at.Button), ui.Text(" "), ui.Str(c.at.Type)),
		ui.Output(ui.Class("shift"), ui.BoolAttr("hidden", !c.shift), ui.Text("shift")),
		ui.Output(ui.Class("text"), ui.Str(c.text)))
}

// About opens and closes with the visitor, and by a button.
type About struct{ open bool }

func (c *About) Bind(b *ui.Binder) {
	b.State("open").Bool(&c.open)
	b.On("Toggled", func(e ui.Event) { c.open = e.Open() })
	b.On("Flip", func(ui.Event) { c.open = !c.open })
}

func (c *About) Render() ui.Node {
	return ui.Section(
		ui.Details(ui.BoolProp("open", c.open), ui.On("toggle", "Toggled"),
			ui.Summary(ui.Text("About")), ui.P(ui.Text("Much."))),
		ui.Button(ui.Class("flip"), ui.Attr("type", "button"), ui.On("click", "Flip"), ui.Text("Flip")),
		ui.Output(ui.IfElse(c.open,
			func() ui.Node { return ui.Span(ui.Text("open")) },
			func() ui.Node { return ui.Span(ui.Text("closed")) })))
}

// Ask has a modal dialog, and a handler for its closing, by whatever means.
type Ask struct {
	answer string
	closed int64
}

func (c *Ask) Bind(b *ui.Binder) {
	b.State("answer").String(&c.answer)
	b.State("closed").Int64(&c.closed)
	b.On("Open", func(ui.Event) { ui.ShowModal("question"); ui.Focus("no") })
	b.On("Yes", func(ui.Event) { c.answer = "yes"; ui.CloseDialog("question") })
	b.On("No", func(ui.Event) { c.answer = "no"; ui.CloseDialog("question") })
	b.On("Closed", func(ui.Event) { c.closed++ })
}

func (c *Ask) Render() ui.Node {
	return ui.Section(
		ui.Button(ui.Class("open"), ui.Attr("type", "button"), ui.On("click", "Open"), ui.Text("Ask")),
		ui.Dialog(ui.Ref("question"), ui.Attr("aria-label", "Question"), ui.On("close", "Closed"),
			ui.Button(ui.Class("yes"), ui.Attr("type", "button"), ui.On("click", "Yes"), ui.Text("Yes")),
			ui.Button(ui.Class("no"), ui.Attr("type", "button"), ui.Ref("no"), ui.On("click", "No"),
				ui.Text("No"))),
		ui.Output(ui.Class("answer"), ui.Str(c.answer), ui.Text(" "), ui.Int(c.closed)))
}

// Endless shows more rows as long as its end is in view.
type Endless struct {
	rows []int64
	seen int64
}

// Init begins with a few.
func (c *Endless) Init() { c.rows = []int64{1, 2, 3} }

func (c *Endless) Bind(b *ui.Binder) {
	b.State("rows").Int64s(&c.rows)
	b.State("seen").Int64(&c.seen)
	b.On("Hydrated", func(ui.Event) { ui.Observe("end", "End"); ui.ObserveOnce("end", "Once") })
	b.On("End", func(e ui.Event) {
		if e.Visible() && len(c.rows) < 9 {
			for range 3 {
				c.rows = append(c.rows, int64(len(c.rows)+1))
			}
		}
	})
	b.On("Once", func(ui.Event) { c.seen++ })
}

func (c *Endless) Render() ui.Node {
	return ui.Section(
		ui.Ol(ui.Each(c.rows, func(n *int64) int64 { return *n }, func(n *int64) ui.Node {
			return ui.Li(ui.Attr("style", "height:900px"), ui.Int(*n))
		})),
		ui.P(ui.Class("end"), ui.Ref("end"), ui.Int(c.seen)))
}

// Tracked is the argument of the page's function.
type Tracked struct {
	Name string
	Big  int64
}

func (t *Tracked) Bind(b *ui.Binder) {
	b.Field("name").String(&t.Name)
	b.Field("big").Int64(&t.Big)
}

// Said is its answer.
type Said struct{ Text string }

func (s *Said) Bind(b *ui.Binder) { b.Field("text").String(&s.Text) }

// Track calls functions of the page, and waits for the next paint.
type Track struct {
	said    string
	painted bool
}

func (c *Track) Bind(b *ui.Binder) {
	b.State("said").String(&c.said)
	b.State("painted").Bool(&c.painted)
	b.On("Call", func(ui.Event) {
		ui.CallScript(ui.Script{Name: "describe", Args: &Tracked{"</script>", 1 << 60}, Wants: &Said{},
			Then: "Said"})
	})
	b.On("Missing", func(ui.Event) { ui.CallScript(ui.Script{Name: "toString", Then: "Said"}) })
	b.On("Said", c.Said)
	b.On("Paint", func(ui.Event) { ui.AfterPaint("Painted") })
	b.On("Painted", func(ui.Event) { c.painted = true })
}

// Said shows the answer.
func (c *Track) Said(e ui.Event) {
	var s Said
	e.Data(&s)
	c.said = s.Text
	if !e.OK() {
		c.said = "failed"
	}
}

func (c *Track) Render() ui.Node {
	return ui.Section(ui.Class("track"),
		ui.Button(ui.Class("call"), ui.Attr("type", "button"), ui.On("click", "Call"), ui.Text("Call")),
		ui.Button(ui.Class("missing"), ui.Attr("type", "button"), ui.On("click", "Missing"),
			ui.Text("Missing")),
		ui.Button(ui.Class("paint"), ui.Attr("type", "button"), ui.On("click", "Paint"),
			ui.Text("Paint")),
		ui.Output(ui.Class("said"), ui.Str(c.said)),
		ui.Output(ui.Class("painted"), ui.BoolAttr("hidden", !c.painted), ui.Text("painted")))
}

// Shelf is persisted across pages, with how often its page was left.
type Shelf struct {
	books []string
	left  int64
	here  int64
}

func (c *Shelf) Bind(b *ui.Binder) {
	b.State("books").Strings(&c.books)
	b.State("left").Int64(&c.left)
	b.State("here").Int64(&c.here)
	b.On("Add", func(e ui.Event) { c.books = append(c.books, e.Form("title")); c.here++ })
	b.On("Leave", func(ui.Event) { c.left++ })
}

func (c *Shelf) Render() ui.Node {
	return ui.Form(ui.Class("shelf"), ui.On("submit", "Add"), ui.Prevent("submit"),
		ui.Input(ui.Attr("name", "title"), ui.Attr("aria-label", "Title")),
		ui.Button(ui.Text("Add")),
		ui.Ul(ui.Each(c.books, func(b *string) string { return *b }, func(b *string) ui.Node {
			return ui.Li(ui.Str(*b))
		})),
		ui.Output(ui.Class("left"), ui.Int(c.left)),
		ui.Output(ui.Class("here"), ui.Int(c.here)))
}
