package theme

import (
	"strings"

	"protium.dev/components/ui"
)

// SearchBox is the search form of the header, with suggestions while the visitor types.
//
//	<go-search-box query="{{ query }}" hydrate="interaction"></go-search-box>
type SearchBox struct {
	query    string
	found    []suggestion
	note     string // how the server understood the query
	open     bool
	selected int64 // the suggestion that the arrow keys selected, from 1; 0: none
}

// suggestion is a matching product or collection.
type suggestion struct {
	number             int64 // from 1
	Handle, Title, Src string
	Price              ui.Money
	collection         bool
}

func (s *suggestion) Bind(b *ui.Binder) {
	b.Field("handle").String(&s.Handle)
	b.Field("title").String(&s.Title)
	b.Field("image_src").String(&s.Src)
	b.Field("price_min").Money(&s.Price)
	b.Field("collection").Bool(&s.collection)
	b.Field("number").Int64(&s.number)
}

func (s *suggestion) href() string {
	if s.collection {
		return ui.URL("/collections/" + s.Handle)
	}
	return ui.URL("/products/" + s.Handle)
}

func (s *suggestion) id() string { return "search-option-" + decimal(s.number) }

// found is the server's answer.
type found struct {
	query, corrected      string
	partial               bool
	products, collections []suggestion
}

// note says what was searched for, if it is not the query itself.
func (f *found) note() string {
	switch {
	case len(f.products) == 0:
		return ""
	case f.corrected != "":
		return ui.MessageText("search.corrected", "words", f.corrected)
	case f.partial:
		return ui.MessageText("search.partial")
	}
	return ""
}

func (f *found) Bind(b *ui.Binder) {
	b.Field("query").String(&f.query)
	b.Field("corrected").String(&f.corrected)
	b.Field("partial").Bool(&f.partial)
	ui.Records(b.Field("products"), &f.products)
	ui.Records(b.Field("collections"), &f.collections)
}

func init() {
	ui.Register(
		"search-box",
		func() ui.Component { return &SearchBox{} },
		ui.DefaultHydrate("interaction"),
		ui.Messages("search.button search.collection search.corrected search.count search.label "+
			"search.partial search.placeholder search.suggestions"),
	)
}

func (s *SearchBox) Bind(b *ui.Binder) {
	b.Prop("query").String(&s.query)
	b.State("query").String(&s.query)
	ui.Records(b.State("found"), &s.found)
	b.State("note").String(&s.note)
	b.State("open").Bool(&s.open)
	b.State("selected").Int64(&s.selected)
	b.On("Typed", s.Typed)
	b.On("Ask", s.Ask)
	b.On("Found", s.Found)
	b.On("Key", s.Key)
	b.On("Go", s.Go)
	b.On("Out", s.Out)
	b.On("Close", s.Close)
}

// Typed fetches suggestions once the visitor pauses.
func (s *SearchBox) Typed(e ui.Event) {
	s.query = e.Value()
	s.selected = 0
	ui.Timer(150, "Ask")
}

// Ask fetches suggestions.
func (s *SearchBox) Ask(ui.Event) {
	query := strings.TrimSpace(s.query)
	if len(query) < 2 {
		s.close()
		return
	}
	ui.Fetch(
		ui.Request{
			URL:   ui.URL("/search/suggest"),
			Form:  ui.FormData{}.Str("q", query),
			Wants: &found{},
			Then:  "Found",
		},
	)
}

// Found shows the suggestions, if they are for the current text of the field.
func (s *SearchBox) Found(e ui.Event) {
	var answer found
	e.Data(&answer)
	if !e.OK() || answer.query != strings.TrimSpace(s.query) {
		return
	}
	for i := range answer.collections {
		answer.collections[i].collection = true
	}
	s.found = append(answer.products, answer.collections...)
	for i := range s.found {
		s.found[i].number = int64(i) + 1
	}
	s.selected = 0
	s.note = answer.note()
	s.open = len(s.found) > 0
	if s.open {
		said := ui.CountMessageText(int64(len(s.found)), "search.count")
		if s.note != "" {
			said = s.note + ". " + said
		}
		ui.Announce(said)
	}
}

// Key moves through the suggestions.
func (s *SearchBox) Key(e ui.Event) {
	last := int64(len(s.found))
	switch e.Pressed() {
	case "ArrowDown":
		s.open = last > 0
		s.selected = (s.selected + 1) % (last + 1)
	case "ArrowUp":
		s.open = last > 0
		s.selected = (s.selected + last) % (last + 1)
	case "Escape":
		s.close()
	}
}

// Go opens the selected suggestion. Without one the browser submits the form.
func (s *SearchBox) Go(ui.Event) {
	if chosen := s.chosen(); chosen != nil {
		ui.Navigate(chosen.href())
	}
}

// chosen is the selected suggestion, or nil.
func (s *SearchBox) chosen() *suggestion {
	if !s.open || s.selected < 1 || s.selected > int64(len(s.found)) {
		return nil
	}
	return &s.found[s.selected-1]
}

// Out closes the list after a moment: the visitor may have clicked into it.
func (s *SearchBox) Out(ui.Event) { ui.Timer(200, "Close") }

// Close closes the list.
func (s *SearchBox) Close(ui.Event) { s.close() }

func (s *SearchBox) close() { s.open, s.selected = false, 0 }

func (s *SearchBox) Render() ui.Node {
	active := ""
	if chosen := s.chosen(); chosen != nil {
		active = chosen.id()
	}
	expanded := "false"
	if s.open {
		expanded = "true"
	}
	return ui.Form(ui.Class("search"), ui.Attr("role", "search"), ui.Attr("method", "get"),
		ui.AttrStr("action", ui.URL("/search")), ui.On("focusout", "Out"),
		// Enter opens the selected suggestion.
		ui.On("submit", "Go"), ui.PreventIf("submit", active != ""),
		ui.Input(
			ui.Class("search-input"),
			ui.Attr("type", "text"),
			ui.Attr("inputmode", "search"),
			ui.Attr("enterkeyhint", "search"),
			ui.Attr("name", "q"),
			ui.Value(s.query),
			ui.AttrStr("placeholder", ui.MessageText("search.placeholder")),
			ui.Attr("maxlength", "100"),
			ui.Attr("autocomplete", "off"),
			ui.Attr("spellcheck", "false"),
			ui.AttrStr("aria-label", ui.MessageText("search.label")),
			ui.Attr("role", "combobox"),
			ui.AttrStr("aria-expanded", expanded),
			ui.Attr("aria-controls", "search-suggestions"),
			ui.Attr("aria-autocomplete", "list"),
			ui.AttrOpt("aria-activedescendant", active, active != ""),
			ui.On("input", "Typed"),
			ui.On("keydown", "Key"),
			ui.Prevent("keydown:ArrowDown"),
			ui.Prevent("keydown:ArrowUp"),
		),
		ui.Button(
			ui.Class("search-button"),
			ui.Attr("type", "submit"),
			ui.AttrStr("aria-label", ui.MessageText("search.button")),
			ui.Span(ui.Class("icon icon-search"), ui.Attr("aria-hidden", "true")),
		),
		ui.Div(
			ui.Class("suggestions"),
			ui.BoolAttr("hidden", !s.open),
			ui.If(
				s.note != "",
				func() ui.Node { return ui.P(ui.Class("suggestions-note"), ui.Str(s.note)) },
			),
			ui.Div(
				ui.Attr("id", "search-suggestions"),
				ui.Attr("role", "listbox"),
				ui.AttrStr("aria-label", ui.MessageText("search.suggestions")),
				ui.Each(s.found, func(f *suggestion) int64 { return f.number }, s.suggestion),
			),
		))
}

func (s *SearchBox) suggestion(f *suggestion) ui.Node {
	selected := "false"
	if f.number == s.selected {
		selected = "true"
	}
	return ui.A(
		ui.Class("suggestion"),
		ui.ClassIf("suggestion-collection", f.collection),
		ui.AttrStr("id", f.id()),
		ui.Attr("role", "option"),
		ui.AttrStr("href", f.href()),
		ui.Attr("tabindex", "-1"),
		ui.AttrStr("aria-selected", selected),
		ui.If(!f.collection && f.Src != "", func() ui.Node {
			return ui.Img(ui.Class("suggestion-image"), ui.AttrStr("src", f.Src), ui.Attr("alt", ""),
				ui.Attr("width", "80"), ui.Attr("height", "100"), ui.Attr("loading", "lazy"))
		}),
		ui.Span(ui.Class("suggestion-title"), ui.Attr("dir", "auto"), ui.Str(f.Title)),
		ui.IfElse(f.collection,
			func() ui.Node { return ui.Span(ui.Class("suggestion-kind"), ui.Message("search.collection")) },
			func() ui.Node {
				return ui.Span(ui.Class("suggestion-price"), ui.Attr("translate", "no"), ui.Amount(f.Price))
			}),
	)
}
