package theme

import "protium.dev/components/ui"

// SortMenu chooses the order of a list. A choice takes effect at once; without JavaScript there is
// a button.
//
//	<go-sort-menu action="{{ market.prefix }}/collections/{{ collection.handle }}" sort="{{ sort }}">
//	</go-sort-menu>
type SortMenu struct {
	action string
	sort   string // of the list that is shown
	chosen string // in the menu
}

func init() {
	ui.Register("sort-menu", func() ui.Component { return &SortMenu{} },
		ui.Messages("sort.button sort.by sort.featured sort.newest sort.price_down sort.price_up "+
			"sort.title_down sort.title_up"))
}

func (m *SortMenu) Bind(b *ui.Binder) {
	b.Prop("action").String(&m.action)
	b.Prop("sort").String(&m.sort)
	b.State("chosen").String(&m.chosen)
	b.On("Sort", m.Sort)
	b.On("Resume", m.Resume)
}

// Init shows the order that the list has.
func (m *SortMenu) Init() { m.chosen = m.sort }

// Sort opens the list in the chosen order.
func (m *SortMenu) Sort(e ui.Event) {
	m.chosen = e.Value()
	switch m.chosen {
	case m.sort:
	case orders[0].name:
		ui.Navigate(m.action)
	default:
		ui.Navigate(m.action + "?sort=" + m.chosen)
	}
}

// Resume shows the order of the list again when the visitor comes back to it.
func (m *SortMenu) Resume(ui.Event) { m.chosen = m.sort }

type order struct {
	name  string
	label func() string
}

// orders are the known orders; the first is the default.
var orders = [...]order{
	{"featured", func() string { return ui.MessageText("sort.featured") }},
	{"newest", func() string { return ui.MessageText("sort.newest") }},
	{"price-asc", func() string { return ui.MessageText("sort.price_up") }},
	{"price-desc", func() string { return ui.MessageText("sort.price_down") }},
	{"title-asc", func() string { return ui.MessageText("sort.title_up") }},
	{"title-desc", func() string { return ui.MessageText("sort.title_down") }},
}

func (m *SortMenu) Render() ui.Node {
	return ui.Form(
		ui.Class("sort"),
		ui.Attr("method", "get"),
		ui.AttrStr("action", m.action),
		ui.Label(ui.Class("sort-label"), ui.Attr("for", "sort"), ui.Message("sort.by")),
		// A value that the browser restored is not a choice.
		ui.Select(
			ui.Class("select"),
			ui.Attr("id", "sort"),
			ui.Attr("name", "sort"),
			ui.Attr("autocomplete", "off"),
			ui.Value(m.chosen),
			ui.On("change", "Sort"),
			ui.Each(orders[:], func(o *order) string { return o.name }, showOrder),
		),
		ui.Button(
			ui.Class("button button-quiet sort-button"),
			ui.Attr("type", "submit"),
			ui.Message("sort.button"),
		),
	)
}

func showOrder(o *order) ui.Node {
	return ui.Option(ui.AttrStr("value", o.name), ui.Str(o.label()))
}
