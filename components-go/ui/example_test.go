package ui_test

import (
	"fmt"

	"protium.dev/components/ui"
	"protium.dev/components/ui/uitest"
)

// Greeting has a prop that templates set: <go-greeting name="Ada"></go-greeting>.
type Greeting struct{ name string }

func (g *Greeting) Bind(b *ui.Binder) { b.Prop("name").String(&g.name) }

func (g *Greeting) Render() ui.Node {
	return ui.P(ui.Class("greeting"), ui.Text("Hello, "), ui.Str(g.name), ui.Text("!"))
}

// Likes has state and a handler.
type Likes struct{ count int64 }

func (l *Likes) Bind(b *ui.Binder) {
	b.Prop("start").Int64(&l.count)
	b.State("count").Int64(&l.count)
	b.On("Like", l.Like)
}

func (l *Likes) Like(ui.Event) { l.count++ }

func (l *Likes) Render() ui.Node {
	return ui.Button(ui.Attr("type", "button"), ui.On("click", "Like"),
		ui.Plural(l.count, ui.Forms{One: "{n} like", Other: "{n} likes"}))
}

// Todo is one row of Todos.
type Todo struct {
	ID   int64
	Text string
	Done bool
}

func (t *Todo) Bind(b *ui.Binder) {
	b.Field("id").Int64(&t.ID)
	b.Field("text").String(&t.Text)
	b.Field("done").Bool(&t.Done)
}

// Todos is a list: the row's key reaches the handler.
type Todos struct{ todos []Todo }

func (c *Todos) Bind(b *ui.Binder) {
	ui.Records(b.Prop("todos"), &c.todos)
	ui.Records(b.State("todos"), &c.todos)
	b.On("Toggle", c.Toggle)
}

func (c *Todos) Toggle(e ui.Event) {
	for i := range c.todos {
		if c.todos[i].ID == e.Key() {
			c.todos[i].Done = !c.todos[i].Done
		}
	}
}

func (c *Todos) Render() ui.Node {
	return ui.Ul(ui.Each(c.todos, func(t *Todo) int64 { return t.ID }, func(t *Todo) ui.Node {
		return ui.Li(ui.ClassIf("done", t.Done), ui.On("click", "Toggle"), ui.Str(t.Text))
	}))
}

// Wish is a store's state, shared by the components of a page.
type Wish struct{ Items int64 }

func (w *Wish) Bind(b *ui.Binder) { b.Field("items").Int64(&w.Items) }

var wishes = ui.NewStore("wishes", Wish{})

// WishCount reads the store in Render, and is therefore rendered again when it changes.
type WishCount struct{}

func (*WishCount) Bind(*ui.Binder) {}

func (*WishCount) Render() ui.Node { return ui.Output(ui.Int(wishes.Get().Items)) }

// WishButton changes the store, and tells the server.
type WishButton struct{ product int64 }

func (w *WishButton) Bind(b *ui.Binder) {
	b.Prop("product").Int64(&w.product)
	b.On("Wish", w.Wish)
	b.On("Wished", w.Wished)
}

func (w *WishButton) Wish(ui.Event) {
	wishes.Update(func(s *Wish) { s.Items++ })
	ui.Fetch(
		ui.Request{
			Method: "POST",
			URL:    "/wishes",
			Form:   ui.FormData{}.Int("product", w.product),
			Wants:  &Wish{},
			Then:   "Wished",
		},
	)
}

func (w *WishButton) Wished(e ui.Event) {
	if !e.OK() {
		wishes.Update(func(s *Wish) { s.Items-- })
		ui.Announce("That did not work. Please try again.")
		return
	}
	wishes.Update(func(s *Wish) { e.Data(s) })
}

func (w *WishButton) Render() ui.Node {
	return ui.Button(ui.On("click", "Wish"), ui.Text("Wish"))
}

// Details opens and closes. A condition does not change the elements around it.
type Details struct{ open bool }

func (d *Details) Bind(b *ui.Binder) {
	b.State("open").Bool(&d.open)
	b.On("Toggle", func(ui.Event) { d.open = !d.open })
}

func (d *Details) Render() ui.Node {
	return ui.Section(
		ui.Button(
			ui.AttrOpt("aria-expanded", "true", d.open),
			ui.On("click", "Toggle"),
			ui.Text("Details"),
		),
		ui.If(d.open, func() ui.Node { return ui.P(ui.Text("Hand-forged.")) }),
	)
}

// Pair shows two nested components.
type Pair struct{ left, right Likes }

func (*Pair) Bind(*ui.Binder) {}

func (p *Pair) Render() ui.Node { return ui.Div(ui.Child(&p.left), ui.Child(&p.right)) }

func init() {
	ui.Register("greeting", func() ui.Component { return &Greeting{name: "you"} })
	ui.Register("likes", func() ui.Component { return &Likes{} })
	ui.Register("todos", func() ui.Component { return &Todos{} })
	ui.Register("wish-count", func() ui.Component { return &WishCount{} })
	ui.Register("wish-button", func() ui.Component { return &WishButton{} })
	ui.Register("details", func() ui.Component { return &Details{} })
	ui.Register("pair", func() ui.Component { return &Pair{} })
}

func one(name, props string) uitest.Setup {
	return uitest.Setup{Islands: []uitest.Island{{Name: name, Props: props}}}
}

func Example() {
	page := uitest.Open(uitest.Printer{}, one("likes", `{"start":1}`))
	fmt.Println(page.HTML())
	page.Click("button")
	fmt.Println(page.HTML())
	// Output:
	// <button type="button">1 like</button>
	// <button type="button">2 likes</button>
}

// What the server writes: ids on the elements that change.
func ExampleComponent() {
	fmt.Println(uitest.HTML(uitest.Printer{}, "greeting", `{"name":"<Ada>"}`))
	fmt.Println(uitest.HTML(uitest.Printer{}, "greeting", `{}`))
	// Output:
	// <p data-go-id="greeting-1" class="greeting">Hello, <!--go-->&lt;Ada&gt;<!--/-->!</p>
	// <p data-go-id="greeting-1" class="greeting">Hello, <!--go-->you<!--/-->!</p>
}

func ExampleEach() {
	page := uitest.Open(
		uitest.Printer{},
		one("todos", `{"todos":[{"id":1,"text":"dig"},{"id":2,"text":"sow"}]}`),
	)
	page.Click("li")
	fmt.Println(page.HTML())
	// Output: <ul><li class="done">dig</li><li class="">sow</li></ul>
}

func ExampleIf() {
	page := uitest.Open(uitest.Printer{}, one("details", `{}`))
	page.Click("button")
	fmt.Println(page.HTML())
	page.Click("button")
	fmt.Println(page.HTML())
	// Output:
	// <section><button aria-expanded="true">Details</button><p>Hand-forged.</p></section>
	// <section><button>Details</button></section>
}

func ExampleChild() {
	page := uitest.Open(uitest.Printer{}, one("pair", `{}`))
	page.Click("button")
	fmt.Println(page.HTML())
	// Output: <div><button type="button">1 like</button><button type="button">0 likes</button></div>
}

func ExampleStore() {
	page := uitest.Open(uitest.Printer{}, uitest.Setup{Stores: `{"wishes":{"items":4}}`,
		Islands: []uitest.Island{{Name: "wish-count"}, {Name: "wish-button", Props: `{"product":7}`}}})
	page.Click("button")
	fmt.Println(page.Text("output"))
	fetch := page.Effects()[0]
	fmt.Println(fetch.Texts)
	page.Answer(fetch, 200, `{"items":12}`)
	fmt.Println(page.Text("output"))
	// Output:
	// 5
	// [POST /wishes product=7 Wished items]
	// 12
}

// note is sent after a pause in typing, or when the page is left before that.
type note struct{ text string }

func init() { ui.Register("note", func() ui.Component { return &note{} }) }

func (n *note) Bind(b *ui.Binder) {
	b.State("text").String(&n.text)
	b.On("Typed", n.Typed)
	b.On("Send", n.Send)
}

func (n *note) Typed(e ui.Event) {
	n.text = e.Value()
	ui.Debounce(300, "Send")
}

func (n *note) Send(ui.Event) {
	ui.Fetch(ui.Request{Method: "POST", URL: "/note", Form: ui.FormData{}.Str("text", n.text)})
}

func (n *note) Render() ui.Node {
	return ui.Textarea(ui.Attr("name", "text"), ui.Value(n.text), ui.On("input", "Typed"))
}

func ExampleDebounce() {
	page := uitest.Open(uitest.Printer{}, one("note", `{}`))
	page.Input("textarea", "no nuts")
	pause := page.Effects()[0]
	fmt.Println(pause.Kind, pause.Texts)
	page.Elapse(pause)
	fmt.Println(page.Effects()[0].Texts)
	// Output:
	// timer [300 Send leave]
	// [POST /note text=no+nuts ]
}

func ExampleFormData() {
	fmt.Println(ui.FormData{}.Int("variant_id", 7).Str("note", "for Ann & Bob"))
	// Output: variant_id=7&note=for+Ann+%26+Bob
}

// wishForm sends the fields that the template has put into its slot.
type wishForm struct{ product int64 }

func init() { ui.Register("wish-form", func() ui.Component { return &wishForm{} }, ui.HasSlot()) }

func (w *wishForm) Bind(b *ui.Binder) {
	b.Prop("product").Int64(&w.product)
	b.On("Send", w.Send)
}

func (w *wishForm) Send(e ui.Event) {
	form := e.FormFields("wish[").Int("product", w.product)
	ui.Fetch(ui.Request{Method: "POST", URL: "/wishes", Form: form})
}

func (w *wishForm) Render() ui.Node {
	return ui.Form(ui.Attr("method", "post"), ui.Attr("action", "/wishes"),
		ui.On("submit", "Send"), ui.Prevent("submit"), ui.Slot())
}

func ExampleEvent_FormFields() {
	page := uitest.Open(uitest.Printer{}, one("wish-form", `{"product":7}`))
	page.FireWith("submit", "form", `{"form":{"wish[colour]":"green","q":"peas"}}`)
	fmt.Println(page.Effects()[0].Texts[2])
	// Output: wish%5Bcolour%5D=green&product=7
}
