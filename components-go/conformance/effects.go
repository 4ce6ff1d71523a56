package main

import "protium.dev/components/ui"

func init() {
	ui.Register("badge", func() ui.Component { return &Badge{} }, ui.Personal())
	ui.Register("buy", func() ui.Component { return &Buy{} })
	ui.Register("asks", func() ui.Component { return &Asks{} })
	ui.Register("forgetful", func() ui.Component { return &Forgetful{} })
}

// CartState is shared.
type CartState struct {
	Count int64
	Lines []CartLine
}

func (s *CartState) Bind(b *ui.Binder) {
	b.Field("count").Int64(&s.Count)
	ui.Records(b.Field("lines"), &s.Lines)
}

// CartLine is a line of CartState.
type CartLine struct {
	ID    int64
	Title string
}

func (l *CartLine) Bind(b *ui.Binder) {
	b.Field("id").Int64(&l.ID)
	b.Field("title").String(&l.Title)
}

var cart = ui.NewStore("cart", CartState{})

// Badge shows the store.
type Badge struct{}

func (c *Badge) Bind(*ui.Binder) {}

func (c *Badge) Render() ui.Node {
	n := cart.Get().Count
	return ui.A(
		ui.Class("badge"),
		ui.Attr("href", "/cart"),
		ui.AttrStr(
			"aria-label",
			"Cart, "+ui.PluralText(n, ui.Forms{One: "{n} item", Other: "{n} items"}),
		),
		ui.Span(ui.BoolAttr("hidden", n == 0), ui.Int(n)),
	)
}

// Buy changes the store, at once and again when the server has answered.
type Buy struct {
	variant  int64
	busy     bool
	message  string
	resumed  int64
	previous int64
}

func (c *Buy) Bind(b *ui.Binder) {
	b.Prop("variant").Int64(&c.variant)
	b.State("busy").Bool(&c.busy)
	b.State("message").String(&c.message)
	b.State("resumed").Int64(&c.resumed)
	b.State("previous").Int64(&c.previous)
	b.On("Add", c.Add)
	b.On("Added", c.Added)
	b.On("Resume", func(ui.Event) { c.resumed++ })
}

// Add is optimistic.
func (c *Buy) Add(e ui.Event) {
	c.busy, c.previous = true, cart.Get().Count
	cart.Update(func(s *CartState) { s.Count++ })
	ui.Fetch(ui.Request{Method: "POST", URL: "/cart/add", Then: "Added", Wants: &CartState{},
		Form: ui.FormData{}.Int("variant_id", c.variant).Str("note", e.Form("note"))})
}

// Added stores the server's count.
func (c *Buy) Added(e ui.Event) {
	c.busy = false
	if !e.OK() {
		c.message = "That did not work."
		cart.Update(func(s *CartState) { s.Count = c.previous })
		ui.Announce(c.message)
		return
	}
	cart.Update(func(s *CartState) { e.Data(s) })
	c.message = "Added."
	for _, l := range cart.Get().Lines {
		c.message += " " + l.Title
	}
	ui.Announce(c.message)
}

func (c *Buy) Render() ui.Node {
	return ui.Form(
		ui.Attr("method", "post"),
		ui.Attr("action", "/cart/add"),
		ui.On("submit", "Add"),
		ui.Prevent("submit"),
		ui.Input(ui.Attr("type", "hidden"), ui.Attr("name", "variant_id"), ui.ValueInt(c.variant)),
		ui.Input(ui.Attr("name", "note"), ui.Value("")),
		ui.Button(ui.AttrOpt("aria-busy", "true", c.busy), ui.Text("Add")),
		ui.P(ui.Attr("role", "status"), ui.Str(c.message)),
		ui.If(c.resumed > 0, func() ui.Node { return ui.P(ui.Class("resumed"), ui.Int(c.resumed)) }),
	)
}

// Asks has a button for each effect.
type Asks struct{ ticks int64 }

func (c *Asks) Bind(b *ui.Binder) {
	b.State("ticks").Int64(&c.ticks)
	b.On("Wait", func(ui.Event) { ui.Timer(1500, "Tick") })
	b.On("Tick", func(ui.Event) { c.ticks++ })
	b.On("Look", func(ui.Event) {
		ui.Fetch(ui.Request{URL: "/search?x=1", Form: ui.FormData{}.Str("q", "a&b ü"), Then: "Tick"})
	})
	b.On("Go", func(ui.Event) { ui.Navigate("/cart") })
	b.On("Show", func(ui.Event) { ui.ReplaceURL("/products/a?variant=2") })
	b.On("Jump", func(ui.Event) { ui.Focus("field") })
	b.On("Say", func(ui.Event) { ui.Announce("said 😀") })
	b.On("Script", func(ui.Event) { ui.Navigate("javascript:alert(1)") })
}

func (c *Asks) Render() ui.Node {
	return ui.Div(
		ui.Button(ui.Class("wait"), ui.On("click", "Wait"), ui.Text("wait")),
		ui.Button(ui.Class("look"), ui.On("click", "Look"), ui.Text("look")),
		ui.Button(ui.Class("go"), ui.On("click", "Go"), ui.Text("go")),
		ui.Button(ui.Class("show"), ui.On("click", "Show"), ui.Text("show")),
		ui.Button(ui.Class("jump"), ui.On("click", "Jump"), ui.Text("jump")),
		ui.Button(ui.Class("say"), ui.On("click", "Say"), ui.Text("say")),
		ui.Button(ui.Class("script"), ui.On("click", "Script"), ui.Text("script")),
		ui.Input(ui.Ref("field"), ui.Attr("name", "field")),
		ui.Output(ui.Int(c.ticks)))
}

// Forgetful does not save what it shows.
type Forgetful struct{ clicks int64 }

func (c *Forgetful) Bind(b *ui.Binder) { b.On("Click", func(ui.Event) { c.clicks++ }) }

func (c *Forgetful) Render() ui.Node {
	return ui.Button(ui.Attr("type", "button"), ui.On("click", "Click"), ui.Int(c.clicks))
}
