package theme

import "protium.dev/components/ui"

// Image is a picture of a product; without one, Src is empty.
type Image struct{ Src, Alt string }

// alt is the picture's alternative text: the merchant's, else the product's title.
func (i *Image) alt(title string) string {
	if i.Alt != "" {
		return i.Alt
	}
	return title
}

func (i *Image) Bind(b *ui.Binder) {
	b.Field("src").String(&i.Src)
	b.Field("alt").String(&i.Alt)
}

// Card is a product as lists show it.
type Card struct {
	Handle, Title, Vendor string
	Image                 Image
	PriceMin, PriceMax    ui.Money
	CompareAt             ui.Money // 0: none
	Available, OnSale     bool
	VariantID             int64 // of the only variant; 0 when there are several
}

func (c *Card) Bind(b *ui.Binder) {
	b.Field("handle").String(&c.Handle)
	b.Field("title").String(&c.Title)
	b.Field("vendor").String(&c.Vendor)
	b.Field("image").Record(&c.Image)
	b.Field("price_min").Money(&c.PriceMin)
	b.Field("price_max").Money(&c.PriceMax)
	b.Field("compare_at").Money(&c.CompareAt)
	b.Field("available").Bool(&c.Available)
	b.Field("on_sale").Bool(&c.OnSale)
	b.Field("variant_id").Int64(&c.VariantID)
}

// Product is what the components of a product's page need.
type Product struct {
	Handle   string
	Options  []Option
	Variants []Variant
}

func (p *Product) Bind(b *ui.Binder) {
	b.Field("handle").String(&p.Handle)
	ui.Records(b.Field("options"), &p.Options)
	ui.Records(b.Field("variants"), &p.Variants)
}

// variant gives the variant with that id, else the first; nil when there is none.
func (p *Product) variant(id int64) *Variant {
	for i := range p.Variants {
		if p.Variants[i].ID == id {
			return &p.Variants[i]
		}
	}
	if len(p.Variants) == 0 {
		return nil
	}
	return &p.Variants[0]
}

// Option is something to choose, such as the size.
type Option struct {
	Name   string
	Values []string
}

func (o *Option) Bind(b *ui.Binder) {
	b.Field("name").String(&o.Name)
	b.Field("values").Strings(&o.Values)
}

// Variant is one combination of options, and what is sold.
type Variant struct {
	ID        int64
	Options   []string // the value of each option
	Price     ui.Money
	CompareAt ui.Money // 0: none
	Available bool
	Tracked   bool
	Quantity  int64 // in stock, where it is tracked
}

func (v *Variant) Bind(b *ui.Binder) {
	b.Field("id").Int64(&v.ID)
	b.Field("options").Strings(&v.Options)
	b.Field("price").Money(&v.Price)
	b.Field("compare_at").Money(&v.CompareAt)
	b.Field("available").Bool(&v.Available)
	b.Field("quantity").Opt(&v.Tracked).Int64(&v.Quantity)
}

// option gives the value of the option at that index; empty when the variant has none.
func (v *Variant) option(index int) string {
	if index < 0 || index >= len(v.Options) {
		return ""
	}
	return v.Options[index]
}

// most is how many can be added to the cart at once.
func (v *Variant) most() int64 {
	if v.Tracked && v.Quantity > 0 {
		return min(v.Quantity, maxQuantity)
	}
	return maxQuantity
}
