package main

import "protium.dev/components/ui"

func init() {
	ui.Register("outside", func() ui.Component { return &Outside{} })
	ui.Register("keeper", func() ui.Component { return &Keeper{} },
		ui.Persist(ui.ThisTab, "words", "count"))
}

// Outside uses effects that need a browser: dialogs, visibility, functions of the page, frames.
type Outside struct {
	seen, painted, left, began int64
	answer                     string
}

func (c *Outside) Bind(b *ui.Binder) {
	b.State("seen").Int64(&c.seen)
	b.State("painted").Int64(&c.painted)
	b.State("left").Int64(&c.left)
	b.State("began").Int64(&c.began)
	b.State("answer").String(&c.answer)
	b.On("Modal", func(ui.Event) { ui.ShowModal("box") })
	b.On("Beside", func(ui.Event) { ui.ShowDialog("box") })
	b.On("Close", func(ui.Event) { ui.CloseDialog("box") })
	b.On("Watch", func(ui.Event) { ui.Observe("end", "Seen") })
	b.On("WatchOnce", func(ui.Event) { ui.ObserveOnce("end", "Seen") })
	b.On("Seen", func(e ui.Event) {
		if e.Visible() {
			c.seen++
		} else {
			c.seen = -c.seen
		}
	})
	b.On("Frame", func(ui.Event) { ui.AfterPaint("Painted") })
	b.On("Painted", func(ui.Event) { c.painted++ })
	b.On("Ask", c.Ask)
	b.On("Answered", c.Answered)
	b.On("Leave", func(ui.Event) { c.left++ })
	b.On("Hydrated", func(ui.Event) { c.began++ })
}

// Question is the argument of the page's function.
type Question struct {
	Text string
	Big  int64
	Tags []string
}

func (q *Question) Bind(b *ui.Binder) {
	b.Field("text").String(&q.Text)
	b.Field("big").Int64(&q.Big)
	b.Field("tags").Strings(&q.Tags)
}

// Reply is what it answers.
type Reply struct{ Text string }

func (r *Reply) Bind(b *ui.Binder) { b.Field("text").String(&r.Text) }

// Ask calls a function of the page.
func (c *Outside) Ask(ui.Event) {
	ui.CallScript(ui.Script{Name: "echo", Then: "Answered", Wants: &Reply{},
		Args: &Question{"\"</script>\\\n\u2028ü\x00", 1 << 60, []string{"a", ""}}})
}

// Answered shows it.
func (c *Outside) Answered(e ui.Event) {
	var r Reply
	e.Data(&r)
	c.answer = r.Text
	if !e.OK() {
		c.answer = "failed"
	}
}

func (c *Outside) Render() ui.Node {
	return ui.Div(
		ui.Button(ui.Class("modal"), ui.On("click", "Modal"), ui.Text("modal")),
		ui.Button(ui.Class("beside"), ui.On("click", "Beside"), ui.Text("beside")),
		ui.Button(ui.Class("watch"), ui.On("click", "Watch"), ui.Text("watch")),
		ui.Button(ui.Class("watch-once"), ui.On("click", "WatchOnce"), ui.Text("once")),
		ui.Button(ui.Class("frame"), ui.On("click", "Frame"), ui.Text("frame")),
		ui.Button(ui.Class("ask"), ui.On("click", "Ask"), ui.Text("ask")),
		ui.Dialog(ui.Ref("box"), ui.Button(ui.Class("close"), ui.On("click", "Close"), ui.Text("close"))),
		ui.Output(ui.Class("seen"), ui.Int(c.seen)),
		ui.Output(ui.Class("painted"), ui.Int(c.painted)),
		ui.Output(ui.Class("answer"), ui.Str(c.answer)),
		ui.Output(ui.Class("left"), ui.Int(c.left)),
		ui.Output(ui.Class("began"), ui.Int(c.began)),
		ui.P(ui.Ref("end"), ui.Text("end")))
}

// Keeper persists a part of its state across pages.
type Keeper struct {
	words []string
	count int64
	here  int64
}

func (c *Keeper) Bind(b *ui.Binder) {
	b.State("words").Strings(&c.words)
	b.State("count").Int64(&c.count)
	b.State("here").Int64(&c.here)
	b.On("Add", func(e ui.Event) { c.words = append(c.words, e.ArgText(0)); c.count++; c.here++ })
	b.On("Here", func(ui.Event) { c.here++ })
}

func (c *Keeper) Render() ui.Node {
	return ui.Div(
		ui.Ul(ui.Each(c.words, func(w *string) string { return *w }, func(w *string) ui.Node {
			return ui.Li(ui.Str(*w))
		})),
		ui.Button(ui.Class("here"), ui.On("click", "Here"), ui.Text("here")),
		ui.Output(ui.Class("count"), ui.Int(c.count)),
		ui.Output(ui.Class("here"), ui.Int(c.here)))
}
