package theme

import "protium.dev/components/ui"

// ProductGallery has the pictures of a product, that of the chosen variant first.
//
//	<go-product-gallery product="{{ product }}" selected="{{ variant.id }}"></go-product-gallery>
type ProductGallery struct {
	product  pictured
	selected int64
}

// pictured is a product as the gallery needs it.
type pictured struct {
	handle, title string
	images        []Image
	variants      []variantImage
}

func (p *pictured) Bind(b *ui.Binder) {
	b.Field("handle").String(&p.handle)
	b.Field("title").String(&p.title)
	ui.Records(b.Field("images"), &p.images)
	ui.Records(b.Field("variants"), &p.variants)
}

// variantImage is the picture of a variant; empty when it has none of its own.
type variantImage struct {
	id         int64
	title, src string
}

func (v *variantImage) Bind(b *ui.Binder) {
	b.Field("id").Int64(&v.id)
	b.Field("title").String(&v.title)
	b.Field("image").String(&v.src)
}

func init() {
	ui.Register("product-gallery", func() ui.Component { return &ProductGallery{} },
		ui.Messages("product.pictures"))
}

func (g *ProductGallery) Bind(b *ui.Binder) {
	b.Prop("product").Record(&g.product)
	b.Prop("selected").Int64(&g.selected)
}

// picture is a picture with its position in the gallery.
type picture struct {
	number   int64 // among the product's pictures, from 0; -1 for one that only its variant has
	src, alt string
	leads    bool
}

// strip is the row of pictures after a leading one. Another leading picture makes a new row, which
// therefore starts scrolled to its beginning.
type strip struct {
	lead     int64
	label    string
	pictures []picture
}

func (g *ProductGallery) strip() strip {
	p := &g.product
	own := p.variant(Chosen.Get().of(p.handle, g.selected))
	s := strip{label: ui.MessageText("product.pictures", "title", p.title),
		pictures: make([]picture, 0, len(p.images)+1)}
	lead := -1
	for i := range p.images {
		if p.images[i].Src == own.src {
			lead = i
			break
		}
	}
	switch {
	case lead < 0 && own.src != "":
		alt := p.title
		if own.title != "" {
			alt += ", " + own.title
		}
		s.pictures = append(s.pictures, picture{number: -1, src: own.src, alt: alt, leads: true})
	case lead < 0 && len(p.images) > 0:
		lead = 0
		fallthrough
	case lead >= 0:
		s.pictures = append(s.pictures, g.picture(lead, true))
	}
	s.lead = int64(lead)
	for i := range p.images {
		if i != lead {
			s.pictures = append(s.pictures, g.picture(i, false))
		}
	}
	return s
}

func (g *ProductGallery) picture(i int, leads bool) picture {
	image := &g.product.images[i]
	return picture{number: int64(i), src: image.Src, alt: image.alt(g.product.title), leads: leads}
}

func (p *pictured) variant(id int64) variantImage {
	for i := range p.variants {
		if p.variants[i].id == id {
			return p.variants[i]
		}
	}
	return variantImage{}
}

func (g *ProductGallery) Render() ui.Node {
	return ui.Div(ui.Class("gallery"),
		ui.Each([]strip{g.strip()}, func(s *strip) int64 { return s.lead }, showStrip))
}

// showStrip shows the pictures. On small screens they are a scrollable row, which must be
// focusable.
func showStrip(s *strip) ui.Node {
	many := len(s.pictures) > 1
	return ui.Div(
		ui.Class("gallery-strip"),
		ui.AttrOpt("role", "group", many),
		ui.AttrOpt("aria-label", s.label, many),
		ui.AttrOpt("tabindex", "0", many),
		ui.Each(s.pictures, func(p *picture) int64 { return p.number }, showPicture),
		ui.If(
			len(s.pictures) == 0,
			func() ui.Node { return ui.Figure(ui.Class("gallery-item gallery-empty")) },
		),
	)
}

func showPicture(p *picture) ui.Node {
	return ui.Figure(ui.Class("gallery-item"),
		ui.Img(ui.Class("gallery-image"), ui.AttrStr("src", p.src), ui.AttrStr("alt", p.alt),
			ui.Attr("width", "800"), ui.Attr("height", "1000"), ui.AttrOpt("fetchpriority", "high", p.leads),
			ui.AttrOpt("loading", "lazy", !p.leads), ui.AttrOpt("decoding", "async", !p.leads)))
}
