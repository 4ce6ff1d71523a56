package theme

import "protium/ui"

// QuantityStepper is a number field with a button on each side.
//
//	<go-quantity-stepper name="quantity" value="1" min="1" max="12"></go-quantity-stepper>
type QuantityStepper struct {
	name, label     string
	value, min, max int64
}

func init() {
	ui.Register("quantity-stepper", func() ui.Component { return newStepper() })
}

func newStepper() *QuantityStepper {
	return &QuantityStepper{name: "quantity", label: "Quantity", value: 1, min: 1, max: maxQuantity}
}

func (s *QuantityStepper) Bind(b *ui.Binder) {
	b.Prop("name").String(&s.name)
	b.Prop("label").String(&s.label)
	b.Prop("value").Int64(&s.value)
	b.Prop("min").Int64(&s.min)
	b.Prop("max").Int64(&s.max)
	b.State("value").Int64(&s.value)
	b.On("Less", s.Less)
	b.On("More", s.More)
	b.On("Typed", s.Typed)
}

// Less takes one away.
func (s *QuantityStepper) Less(ui.Event) { s.set(s.value - 1) }

// More adds one.
func (s *QuantityStepper) More(ui.Event) { s.set(s.value + 1) }

// Typed takes what the visitor wrote.
func (s *QuantityStepper) Typed(e ui.Event) {
	if n, ok := wholeNumber(e.Value()); ok {
		s.set(n)
	}
}

func (s *QuantityStepper) set(n int64) { s.value = bounded(n, s.min, s.max) }

func (s *QuantityStepper) Render() ui.Node {
	return stepper(s.name, s.label, s.value, s.min, s.max)
}

// stepper shows a quantity with handlers Less, More and Typed of the component that shows it.
func stepper(name, label string, value, least, most int64) ui.Node {
	return ui.Div(ui.Class("stepper"), ui.Attr("role", "group"), ui.AttrStr("aria-label", label),
		ui.Button(ui.Class("stepper-button stepper-less"), ui.Attr("type", "button"), ui.Attr("aria-label", "One fewer"),
			ui.AttrOpt("aria-disabled", "true", value <= least), ui.On("click", "Less"),
			ui.Span(ui.Class("icon icon-minus"), ui.Attr("aria-hidden", "true"))),
		ui.Input(ui.Class("stepper-input"), ui.Attr("type", "number"), ui.AttrStr("name", name), ui.ValueInt(value),
			ui.AttrInt("min", least), ui.AttrInt("max", most), ui.Attr("step", "1"), ui.Attr("inputmode", "numeric"),
			ui.Attr("autocomplete", "off"), ui.AttrStr("aria-label", label), ui.On("input", "Typed")),
		ui.Button(ui.Class("stepper-button stepper-more"), ui.Attr("type", "button"), ui.Attr("aria-label", "One more"),
			ui.AttrOpt("aria-disabled", "true", value >= most), ui.On("click", "More"),
			ui.Span(ui.Class("icon icon-plus"), ui.Attr("aria-hidden", "true"))))
}

func bounded(n, least, most int64) int64 { return max(least, min(n, max(least, most))) }

// wholeNumber reads a quantity as a number field gives it.
func wholeNumber(s string) (n int64, ok bool) {
	if s == "" || len(s) > 6 {
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int64(s[i]-'0')
	}
	return n, true
}
