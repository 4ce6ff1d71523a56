package theme

import "protium.dev/components/ui"

// VariantPicker has the options of a product. Each value is a link to the variant that it leads to.
//
//	<go-variant-picker product="{{ product }}" selected="{{ variant.id }}"></go-variant-picker>
type VariantPicker struct {
	product  Product
	from     *Product // the parent's, where there is one
	selected int64    // the page's variant; the visitor's choice is in Chosen
}

func init() {
	ui.Register("variant-picker", func() ui.Component { return &VariantPicker{} }, pickerMessages)
}

var pickerMessages = ui.Messages("product.sold_out_choice")

func (p *VariantPicker) Bind(b *ui.Binder) {
	b.Prop("product").Record(&p.product)
	b.Prop("selected").Int64(&p.selected)
	b.On("Pick", p.Pick)
}

// Pick chooses the variant whose link was clicked.
func (p *VariantPicker) Pick(e ui.Event) {
	option, value := splitKey(e.KeyText())
	product := p.of()
	if v := product.choose(p.variant(), option, value); v != nil {
		Chosen.Update(func(c *ChosenState) { c.set(product.Handle, v.ID) })
		ui.ReplaceURL(product.link(v))
	}
}

func (p *VariantPicker) of() *Product {
	if p.from != nil {
		return p.from
	}
	return &p.product
}

// variant is the chosen variant; nil for a product without any.
func (p *VariantPicker) variant() *Variant {
	product := p.of()
	return product.variant(Chosen.Get().of(product.Handle, p.selected))
}

// choice is one value of an option, as it is shown.
type choice struct {
	key, value, href string
	chosen, soldOut  bool
}

// group is an option with its choices.
type group struct {
	name, value string
	choices     []choice
}

func (p *VariantPicker) groups() []group {
	product, selected := p.of(), p.variant()
	groups := make([]group, 0, len(product.Options))
	if selected == nil {
		return groups
	}
	for i, option := range product.Options {
		g := group{
			name:    option.Name,
			value:   selected.option(i),
			choices: make([]choice, 0, len(option.Values)),
		}
		for _, value := range option.Values {
			if v := product.choose(selected, i, value); v != nil {
				g.choices = append(g.choices, choice{
					key: joinKey(i, value), value: value, href: product.link(v),
					chosen: value == g.value, soldOut: !v.Available,
				})
			}
		}
		groups = append(groups, g)
	}
	return groups
}

func (p *VariantPicker) Render() ui.Node {
	groups := p.groups()
	return ui.Div(ui.Class("variant-picker"), ui.BoolAttr("hidden", len(groups) == 0),
		ui.Each(groups, func(g *group) string { return g.name }, showGroup))
}

func showGroup(g *group) ui.Node {
	return ui.Fieldset(
		ui.Class("option"),
		ui.Legend(
			ui.Class("option-name"),
			ui.Str(g.name),
			ui.Text(" "),
			ui.Span(ui.Class("option-value"), ui.Attr("dir", "auto"), ui.Str(g.value)),
		),
		ui.Div(ui.Class("option-values"),
			ui.Each(g.choices, func(c *choice) string { return c.key }, showChoice)),
	)
}

func showChoice(c *choice) ui.Node {
	return ui.A(
		ui.Class("pill"),
		ui.Attr("dir", "auto"),
		ui.ClassIf("is-soldout", c.soldOut),
		ui.AttrStr("href", c.href),
		ui.AttrOpt("aria-current", "true", c.chosen),
		ui.On("click", "Pick"),
		ui.Prevent("click"),
		ui.Str(c.value),
		ui.If(
			c.soldOut,
			func() ui.Node {
				return ui.Span(ui.Class("visually-hidden"), ui.Text(" "),
					ui.Message("product.sold_out_choice"))
			},
		),
	)
}

// choose gives the variant with that value and otherwise the current options. If there is none, it
// is the first with that value, available ones before those that are sold out.
func (p *Product) choose(before *Variant, option int, value string) *Variant {
	var first, available *Variant
	for i := range p.Variants {
		v := &p.Variants[i]
		if v.option(option) != value {
			continue
		}
		if before != nil && sameBut(v, before, option) {
			return v
		}
		if first == nil {
			first = v
		}
		if available == nil && v.Available {
			available = v
		}
	}
	if available != nil {
		return available
	}
	return first
}

func sameBut(a, b *Variant, option int) bool {
	for i := range a.Options {
		if i != option && a.option(i) != b.option(i) {
			return false
		}
	}
	return true
}

// link is the address of the product with that variant chosen.
func (p *Product) link(v *Variant) string {
	return variantURL(p.Handle, v.ID)
}

func variantURL(handle string, variant int64) string {
	return ui.URL("/products/" + handle + "?variant=" + decimal(variant))
}

// joinKey makes a key of an option's index and a value: two options can have the same value.
func joinKey(option int, value string) string { return decimal(int64(option)) + " " + value }

func splitKey(key string) (option int, value string) {
	for i := 0; i < len(key); i++ {
		if key[i] == ' ' {
			n, _ := wholeNumber(key[:i])
			return int(n), key[i+1:]
		}
	}
	return -1, ""
}
