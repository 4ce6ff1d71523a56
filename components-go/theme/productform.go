package theme

import (
	"strconv"

	"protium.dev/components/ui"
)

// ProductForm is the form of a product's page: price, options, quantity, stock. Its slot is in the
// form: fields such as attributes[gift_wrap] are sent with it.
//
//	<go-product-form product="{{ product }}" selected="{{ variant.id }}"></go-product-form>
type ProductForm struct {
	Adding
	product  Product
	picker   VariantPicker
	quantity QuantityStepper
}

func init() {
	ui.Register("product-form", func() ui.Component {
		return &ProductForm{quantity: *newStepper()}
	}, ui.HasSlot(), addMessages, priceMessages, stepperMessages, pickerMessages,
		ui.Messages("product.few_left product.in_stock product.sold_out_now"))
}

func (f *ProductForm) Bind(b *ui.Binder) {
	b.Prop("product").Record(&f.product)
	b.Prop("selected").Int64(&f.picker.selected)
	b.On("Add", f.Add)
	b.On("Added", f.TakeAnswer)
	f.BindAdding(b)
}

// Add sends the form.
func (f *ProductForm) Add(e ui.Event) {
	f.quantity.limited = false
	f.Adding.Add(f.variant().ID, f.quantity.value, lineAttributes(e))
}

// variant is the chosen one, and an empty one of a product without any.
func (f *ProductForm) variant() *Variant {
	f.picker.from = &f.product
	if v := f.picker.variant(); v != nil {
		return v
	}
	return &Variant{}
}

func (f *ProductForm) Render() ui.Node {
	v := f.variant()
	f.quantity.max, f.quantity.inStock = v.most(), v.Tracked
	f.quantity.value = bounded(f.quantity.value, 1, f.quantity.max)
	return ui.Form(
		ui.Class("product-form"),
		ui.Attr("method", "post"),
		ui.AttrStr("action", ui.URL("/cart/add")),
		ui.On("submit", "Add"),
		ui.Prevent("submit"),
		ui.Input(ui.Attr("type", "hidden"), ui.Attr("name", "variant_id"), ui.ValueInt(v.ID)),
		price(v.Price, v.CompareAt, false, true),
		ui.Child(&f.picker),
		ui.Slot(),
		ui.Div(
			ui.Class("add-to-cart"),
			ui.If(v.Available, func() ui.Node {
				return ui.Div(ui.Class("add-quantity"), ui.Child(&f.quantity))
			}),
			ui.IfElse(v.Available, func() ui.Node {
				return f.addButton(ui.MessageText("cart.add"), v.Price)
			}, soldOutButton),
			formMessage(f.text(), f.Failed),
		),
		stock(v))
}

// text is the result of adding, or why the quantity is not larger.
func (f *ProductForm) text() string {
	if f.quantity.isLimited() {
		return limitText(f.quantity.max, f.quantity.inStock)
	}
	return f.Message
}

const fewLeft = 5 // from this stock down the number is shown

func stock(v *Variant) ui.Node {
	low := v.Available && v.Tracked && v.Quantity > 0 && v.Quantity <= fewLeft
	text := ""
	switch {
	case !v.Available:
		text = ui.MessageText("product.sold_out_now")
	case low:
		text = ui.CountMessageText(v.Quantity, "product.few_left")
	default:
		text = ui.MessageText("product.in_stock")
	}
	return ui.P(
		ui.Class("stock"),
		ui.ClassIf("stock-low", low),
		ui.ClassIf("stock-out", !v.Available),
		ui.Str(text),
	)
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
