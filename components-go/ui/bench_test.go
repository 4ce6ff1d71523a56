//go:build !wasm && !tinygo

package ui

import (
	"strconv"
	"testing"
)

// benchCard is a product card: what a shop shows most.
type benchCard struct {
	Handle, Title, Vendor, Image, Alt string
	Price, Compare                    Money
	Variant                           int64
	Available, Sale, HasCompare       bool
}

func (c *benchCard) fields(b *Binder) {
	b.Field("handle").String(&c.Handle)
	b.Field("title").String(&c.Title)
	b.Field("vendor").String(&c.Vendor)
	b.Field("image").String(&c.Image)
	b.Field("alt").String(&c.Alt)
	b.Field("price").Money(&c.Price)
	b.Field("compare_at").Opt(&c.HasCompare).Money(&c.Compare)
	b.Field("variant_id").Int64(&c.Variant)
	b.Field("available").Bool(&c.Available)
	b.Field("on_sale").Bool(&c.Sale)
}

type benchCardProps struct{ *benchCard }

func (p benchCardProps) Bind(b *Binder) { p.fields(b) }

func (c *benchCard) Bind(b *Binder) {
	b.Prop("product").Record(benchCardProps{c})
	b.On("Add", func(Event) {})
}

func (c *benchCard) Render() Node {
	return Article(Class("card"),
		Div(
			Class("card-media"),
			Img(
				Class("card-image"),
				AttrStr("src", c.Image),
				AttrStr("alt", c.Alt),
				Attr("width", "800"),
				Attr("height", "1000"),
				Attr("loading", "lazy"),
			),
			If(!c.Available, func() Node { return Span(Class("badge badge-soldout"), Text("Sold out")) }),
			If(c.Sale, func() Node { return Span(Class("badge badge-sale"), Text("Sale")) }),
		),
		Div(
			Class("card-body"),
			H3(
				Class("card-title"),
				A(Class("card-link"), AttrStr("href", "/products/"+c.Handle), Str(c.Title)),
			),
			P(Class("price"), ClassIf("price-reduced", c.HasCompare),
				Span(Class("price-now"), Amount(c.Price)),
				If(c.HasCompare, func() Node { return S(Class("price-was"), Amount(c.Compare)) })),
		),
		If(c.Variant != 0 && c.Available, func() Node {
			return Form(
				Class("card-add"),
				Attr("method", "post"),
				Attr("action", "/cart/add"),
				On("submit", "Add"),
				Prevent("submit"),
				Input(Attr("type", "hidden"), Attr("name", "variant_id"), ValueInt(c.Variant)),
				Input(Attr("type", "hidden"), Attr("name", "return_to"), Value(Ctx().Path())),
				Button(
					Class("card-add-button"),
					Attr("type", "submit"),
					Span(Class("visually-hidden"), Text("Add "), Str(c.Title), Text(" to cart")),
				),
			)
		}))
}

type benchRow struct {
	id    int64
	label string
}

// benchTable is the page of the js-framework-benchmark.
type benchTable struct {
	rows     []benchRow
	selected int64
}

func (c *benchTable) Bind(b *Binder) {
	b.On("Run", func(e Event) {
		c.rows = nil
		for i := range e.ArgInt(0) {
			c.rows = append(c.rows, benchRow{i + 1, "pretty red table " + decimal(i)})
		}
	})
	b.On("Select", func(e Event) { c.selected = e.ArgInt(0) })
	b.On("Swap", func(Event) { c.rows[1], c.rows[998] = c.rows[998], c.rows[1] })
}

func (c *benchTable) Render() Node {
	return Table(Tbody(Each(c.rows, func(r *benchRow) int64 { return r.id }, c.row)))
}

func (c *benchTable) row(r *benchRow) Node {
	return Tr(ClassIf("danger", r.id == c.selected),
		Td(Class("col-md-1"), Int(r.id)),
		Td(Class("col-md-4"), A(On("click", "Select"), Str(r.label))),
		Td(Class("col-md-1"), A(On("click", "Swap"), Span(Class("remove")))),
		Td(Class("col-md-6")))
}

type benchCounter struct{ n int64 }

func (c *benchCounter) Bind(b *Binder) {
	b.Prop("start").Int64(&c.n)
	b.State("n").Int64(&c.n)
	b.On("Inc", func(Event) { c.n++ })
}

func (c *benchCounter) Render() Node {
	return Div(Class("counter"), Span(Int(c.n)), Button(On("click", "Inc"), Text("+")))
}

func init() {
	Register("bench-card", func() Component { return &benchCard{} })
	Register("bench-table", func() Component { return &benchTable{} })
	Register("bench-counter", func() Component { return &benchCounter{} })
}

func (w *writer) field(key string, v any) {
	w.key(key)
	switch v := v.(type) {
	case string:
		w.text(v)
	case int:
		w.int(int64(v))
	case bool:
		w.bool(v)
	}
}

func benchIslands(component string, n int, props func(*writer, int)) string {
	var w writer
	all := w.begin(tagRecord)
	w.key("ctx")
	ctx := w.begin(tagRecord)
	w.field("path", "/collections/all")
	w.field("currency", "EUR")
	w.key("table")
	table := w.begin(tagRecord)
	w.field("symbol", "€")
	w.end(table)
	w.end(ctx)
	w.key("islands")
	list := w.begin(tagList)
	for i := range n {
		at := w.begin(tagRecord)
		w.field("c", component)
		w.field("id", component+"-"+strconv.Itoa(i+1))
		w.key("p")
		p := w.begin(tagRecord)
		props(&w, i)
		w.end(p)
		w.field("h", "load")
		w.end(at)
	}
	w.end(list)
	w.end(all)
	return string(w.b)
}

func benchCards(n int) string {
	return benchIslands("bench-card", n, func(w *writer, i int) {
		w.key("product")
		p := w.begin(tagRecord)
		w.field("handle", "enamel-watering-can-"+strconv.Itoa(i))
		w.field("title", "Enamel watering can "+strconv.Itoa(i))
		w.field("vendor", "Hedge & Row")
		w.field("image", "/static/products/enamel-watering-can.svg")
		w.field("alt", "An enamel watering can on a wooden table")
		w.field("price", 2400+i)
		w.field("compare_at", 3000)
		w.field("variant_id", 1000+i)
		w.field("available", i%5 != 0)
		w.field("on_sale", true)
		w.end(p)
	})
}

func mustCall(b testing.TB, run func(string) uint32, in string) {
	begin()
	if run(in) != 0 {
		b.Fatal(string(failure))
	}
}

func BenchmarkRenderCounter(b *testing.B) {
	nativeReset()
	in := benchIslands("bench-counter", 1, func(w *writer, i int) { w.field("start", i) })
	mustCall(b, render, in)
	b.ReportAllocs()
	for b.Loop() {
		mustCall(b, render, in)
	}
}

func BenchmarkRenderCards24(b *testing.B) {
	nativeReset()
	in := benchCards(24)
	mustCall(b, render, in)
	b.SetBytes(int64(len(out.b)))
	b.ReportAllocs()
	for b.Loop() {
		mustCall(b, render, in)
	}
}

func BenchmarkHydrateCards24(b *testing.B) {
	in := benchCards(24)
	b.ReportAllocs()
	for b.Loop() {
		nativeReset()
		mustCall(b, hydrate, in)
	}
}

func benchEvent(on string, args ...int64) string {
	var w writer
	all := w.begin(tagRecord)
	w.field("h", 1)
	w.field("on", on)
	w.field("type", "call")
	w.key("v")
	v := w.begin(tagRecord)
	w.key("args")
	list := w.begin(tagList)
	for _, a := range args {
		w.int(a)
	}
	w.end(list)
	w.end(v)
	w.end(all)
	return string(w.b)
}

func benchRows(b *testing.B, rows int64) {
	nativeReset()
	mustCall(b, hydrate, benchIslands("bench-table", 1, func(*writer, int) {}))
	if rows > 0 {
		mustCall(b, receive, benchEvent("Run", rows))
	}
}

func BenchmarkSelectIn1000Rows(b *testing.B) {
	benchRows(b, 1000)
	events := [2]string{benchEvent("Select", 5), benchEvent("Select", 900)}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		mustCall(b, receive, events[i&1])
		i++
	}
}

func BenchmarkSwapIn1000Rows(b *testing.B) {
	benchRows(b, 1000)
	swap := benchEvent("Swap")
	b.ReportAllocs()
	for b.Loop() {
		mustCall(b, receive, swap)
	}
}

func BenchmarkReplace1000Rows(b *testing.B) {
	benchRows(b, 0)
	run := [2]string{benchEvent("Run", 1000), benchEvent("Run", 0)}
	b.ReportAllocs()
	for b.Loop() {
		mustCall(b, receive, run[0])
		mustCall(b, receive, run[1])
	}
}

func BenchmarkSave1000Rows(b *testing.B) {
	benchRows(b, 1000)
	for b.Loop() {
		mustCall(b, callSave, "")
	}
}
