package theme

import "protium.dev/components/ui"

// SortMenu is the order of a list. Choosing one acts at once; without JavaScript the button does
// it.
//
//	<go-sort-menu action="/collections/{{ collection.handle }}" sort="{{ sort }}"></go-sort-menu>
type SortMenu struct {
	action string
	sort   string // of the list that is shown
	chosen string // in the menu
}

func init() { ui.Register("sort-menu", func() ui.Component { return &SortMenu{} }) }

func (m *SortMenu) Bind(b *ui.Binder) {
	b.Prop("action").String(&m.action)
	b.Prop("sort").String(&m.sort)
	b.State("chosen").String(&m.chosen)
	b.On("Sort", m.Sort)
	b.On("Resume", m.Resume)
}

// Init shows the order that the list has.
func (m *SortMenu) Init() { m.chosen = m.sort }

// Sort goes to the list in the chosen order.
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

type order struct{ name, label string }

// orders are those that the shop knows; the first is that of an address without one.
var orders = [...]order{
	{name: "featured", label: "Featured"},
	{name: "newest", label: "Newest"},
	{name: "price-asc", label: "Price, low to high"},
	{name: "price-desc", label: "Price, high to low"},
	{name: "title-asc", label: "Title, A to Z"},
	{name: "title-desc", label: "Title, Z to A"},
}

func (m *SortMenu) Render() ui.Node {
	return ui.Form(
		ui.Class("sort"),
		ui.Attr("method", "get"),
		ui.AttrStr("action", m.action),
		ui.Label(ui.Class("sort-label"), ui.Attr("for", "sort"), ui.Text("Sort by")),
		// What a browser puts back on the way here is not a choice.
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
			ui.Text("Sort"),
		),
	)
}

func showOrder(o *order) ui.Node {
	return ui.Option(ui.AttrStr("value", o.name), ui.Str(o.label))
}
