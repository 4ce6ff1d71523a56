package theme

import (
	"strconv"

	"protium.dev/components/ui"
)

// ProductForm is the form of a product's page: price, options, quantity, stock.
//
//	<go-product-form product="{{ product }}" selected="{{ variant.id }}"></go-product-form>
type ProductForm struct {
	product  Product
	picker   VariantPicker
	quantity QuantityStepper
	add      AddToCart
}

func init() {
	ui.Register("product-form", func() ui.Component {
		return &ProductForm{quantity: *newStepper(), add: *newAddToCart()}
	}, addMessages, priceMessages, stepperMessages, pickerMessages,
		ui.Messages("product.few_left product.in_stock product.sold_out_now"))
}

func (f *ProductForm) Bind(b *ui.Binder) {
	b.Prop("product").Record(&f.product)
	b.Prop("selected").Int64(&f.picker.selected)
}

func (f *ProductForm) Render() ui.Node {
	f.picker.from = &f.product
	v := f.picker.variant()
	if v == nil {
		v = &Variant{}
	}
	f.quantity.max, f.quantity.inStock = v.most(), v.Tracked
	f.quantity.value = bounded(f.quantity.value, 1, f.quantity.max)
	f.add.variant, f.add.available = v.ID, v.Available
	f.add.quantity, f.add.price = &f.quantity, v.Price
	return ui.Div(ui.Class("product-form"),
		price(v.Price, v.CompareAt, false, true),
		ui.Child(&f.picker),
		ui.Child(&f.add),
		stock(v))
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
