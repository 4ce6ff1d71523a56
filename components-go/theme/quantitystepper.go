package theme

import "protium.dev/components/ui"

// QuantityStepper is a number field with a button on each side.
//
//	<go-quantity-stepper name="quantity" value="1" min="1" max="12"></go-quantity-stepper>
type QuantityStepper struct {
	name, label     string
	value, min, max int64
	limited         bool // the visitor asked for more than max
	inStock         bool // max is what there is in stock
}

func init() {
	ui.Register("quantity-stepper", func() ui.Component { return newStepper() }, stepperMessages)
}

// stepperMessages are the messages of every component that shows a stepper.
var stepperMessages = ui.Messages(
	"cart.at_most cart.only_left quantity.label quantity.less quantity.more",
)

func newStepper() *QuantityStepper {
	return &QuantityStepper{name: "quantity", value: 1, min: 1, max: maxQuantity}
}

func (s *QuantityStepper) Bind(b *ui.Binder) {
	b.Prop("name").String(&s.name)
	b.Prop("label").String(&s.label)
	b.Prop("value").Int64(&s.value)
	b.Prop("min").Int64(&s.min)
	b.Prop("max").Int64(&s.max)
	b.State("value").Int64(&s.value)
	b.State("limited").Bool(&s.limited)
	b.On("Less", s.Less)
	b.On("More", s.More)
	b.On("Typed", s.Typed)
	b.On("Left", s.Left)
}

// Less takes one away.
func (s *QuantityStepper) Less(ui.Event) { s.set(s.value - 1) }

// More adds one.
func (s *QuantityStepper) More(ui.Event) { s.set(s.value + 1) }

// Typed accepts what the visitor types.
func (s *QuantityStepper) Typed(e ui.Event) {
	if n, ok := wholeNumber(e.Value()); ok {
		s.set(n)
	}
}

// Left accepts the value of the field when the visitor leaves it: anything that is not a quantity
// is ignored, and the field shows the one before.
func (s *QuantityStepper) Left(e ui.Event) { s.Typed(e) }

func (s *QuantityStepper) set(n int64) {
	if n != s.value {
		s.limited = n > s.max
		s.value = bounded(n, s.min, s.max)
	}
}

// isLimited tells whether the visitor asked for more than max, and has max.
func (s *QuantityStepper) isLimited() bool { return s.limited && s.value == s.max }

func (s *QuantityStepper) Render() ui.Node {
	label := s.label
	if label == "" {
		label = ui.MessageText("quantity.label")
	}
	return stepper(s.name, label, s.value, s.min, s.min, s.max)
}

// stepper shows a quantity; it uses the handlers Less, More, Typed and Left of its component. The
// buttons go down to least; the field also accepts values from from on.
func stepper(name, label string, value, from, least, most int64) ui.Node {
	return ui.Div(
		ui.Class("stepper"),
		ui.Attr("role", "group"),
		ui.AttrStr("aria-label", label),
		ui.Button(
			ui.Class("stepper-button stepper-less"),
			ui.Attr("type", "button"),
			ui.AttrStr("aria-label", ui.MessageText("quantity.less")),
			ui.AttrOpt("aria-disabled", "true", value <= least),
			ui.On("click", "Less"),
			ui.Span(ui.Class("icon icon-minus"), ui.Attr("aria-hidden", "true")),
		),
		ui.Input(
			ui.Class("stepper-input"),
			ui.Attr("type", "number"),
			ui.AttrStr("name", name),
			ui.ValueInt(value),
			ui.AttrInt("min", from),
			ui.AttrInt("max", most),
			ui.Attr("step", "1"),
			ui.Attr("inputmode", "numeric"),
			ui.Attr("autocomplete", "off"),
			ui.AttrStr("aria-label", label),
			ui.On("input", "Typed"),
			ui.On("change", "Left"),
		),
		ui.Button(
			ui.Class("stepper-button stepper-more"),
			ui.Attr("type", "button"),
			ui.AttrStr("aria-label", ui.MessageText("quantity.more")),
			ui.AttrOpt("aria-disabled", "true", value >= most),
			ui.On("click", "More"),
			ui.Span(ui.Class("icon icon-plus"), ui.Attr("aria-hidden", "true")),
		),
	)
}

func bounded(n, least, most int64) int64 { return max(least, min(n, max(least, most))) }

// wholeNumber parses the value of a number field: any number of digits, and nothing else.
func wholeNumber(s string) (n int64, ok bool) {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = min(n*10+int64(s[i]-'0'), 1_000_000)
	}
	return n, s != ""
}
