package main

import (
	"strconv"
	"strings"

	"protium.dev/components/theme"
	"protium.dev/components/ui"
)

// IsbnOrder finds a book by the number on its back, and adds it to the cart. Without JavaScript its
// form is a search, which finds numbers too.
//
//	<go-isbn-order hydrate="load"></go-isbn-order>
type IsbnOrder struct {
	theme.Adding
	book book
}

// book is the answer of /api/isbn/{isbn}.
type book struct {
	title                  string
	variant, pieces, shelf int64
}

func (a *book) Bind(b *ui.Binder) {
	b.Field("title").String(&a.title)
	b.Field("variant_id").Int64(&a.variant)
	b.Field("place").Record(&place{a})
}

type place struct{ of *book }

func (p *place) Bind(b *ui.Binder) {
	b.Field("pieces").Int64(&p.of.pieces)
	b.Field("shelf").Int64(&p.of.shelf)
}

func init() {
	ui.Register("isbn-order", func() ui.Component { return &IsbnOrder{} }, theme.AddingMessages,
		ui.Messages("isbn.add isbn.find isbn.label isbn.pieces isbn.unknown"))
}

func (c *IsbnOrder) Bind(b *ui.Binder) {
	b.State("book").Record(&c.book)
	b.On("Find", c.Find)
	b.On("Found", c.Found)
	b.On("Put", func(ui.Event) { c.Add(c.book.variant, 1, ui.FormData{}) })
	b.On("Added", c.TakeAnswer)
	c.BindAdding(b)
}

// Find asks the shop's own address for the number.
func (c *IsbnOrder) Find(e ui.Event) {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, e.Form("q"))
	ui.Fetch(ui.Request{URL: ui.URL("/api/isbn/" + digits), Wants: &book{}, Then: "Found"})
}

// Found shows the book, or that there is none.
func (c *IsbnOrder) Found(e ui.Event) {
	c.book, c.Failed, c.Message = book{}, !e.OK(), ""
	if c.Failed {
		c.Message = ui.MessageText("isbn.unknown")
		return
	}
	e.Data(&c.book)
}

func (c *IsbnOrder) Render() ui.Node {
	return ui.Form(
		ui.Class("isbn-order"),
		ui.Attr("method", "get"),
		ui.AttrStr("action", ui.URL("/search")),
		ui.On("submit", "Find"),
		ui.Prevent("submit"),
		ui.Label(ui.Class("field-label"), ui.Attr("for", "isbn"), ui.Message("isbn.label")),
		ui.Input(
			ui.Attr("id", "isbn"), ui.Attr("name", "q"), ui.Attr("inputmode", "numeric"),
			ui.Attr("autocomplete", "off"), ui.Attr("required", ""),
		),
		ui.Button(ui.Class("button"), ui.Attr("type", "submit"), ui.Message("isbn.find")),
		ui.If(c.book.variant != 0, c.found),
		ui.P(
			ui.Class("form-message"),
			ui.ClassIf("is-error", c.Failed),
			ui.Attr("role", "status"),
			ui.Str(c.Message),
		),
	)
}

func (c *IsbnOrder) found() ui.Node {
	return ui.Div(
		ui.Class("isbn-found"),
		ui.P(ui.Strong(ui.Str(c.book.title))),
		ui.P(ui.CountMessage(c.book.pieces, "isbn.pieces", "shelf", strconv.FormatInt(c.book.shelf, 10))),
		ui.Button(
			ui.Class("button button-primary"), ui.Attr("type", "button"),
			c.Busy(), ui.On("click", "Put"), ui.Message("isbn.add"),
		),
	)
}
