package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Data is everything on the page.
type Data struct {
	Shop       Shop         `json:"shop"`
	Currency   Currency     `json:"currency"`
	Navigation []Collection `json:"navigation"`
	Product    Product      `json:"product"`
	Related    []Card       `json:"related"`
}

type Shop struct {
	Name         string `json:"name"`
	URL          string `json:"url"`
	Announcement string `json:"announcement"`
	Locale       string `json:"locale"`
	Direction    string `json:"direction"`
	Stylesheet   string `json:"stylesheet"`
	Icon         string `json:"icon"`
}

type Collection struct {
	Handle string `json:"handle"`
	Title  string `json:"title"`
}

type Product struct {
	Handle         string       `json:"handle"`
	Title          string       `json:"title"`
	Vendor         string       `json:"vendor"`
	SEOTitle       string       `json:"seo_title"`
	SEODescription string       `json:"seo_description"`
	BodyHTML       string       `json:"body_html"`
	Collections    []Collection `json:"collections"`
	Options        []Option     `json:"options"`
	Variants       []Variant    `json:"variants"`
	Images         []Image      `json:"images"`
}

type Option struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// Variant has its prices in minor units, as all prices are; what is null in JSON is zero here.
type Variant struct {
	ID        int64    `json:"id"`
	Options   []string `json:"options"`
	Price     int64    `json:"price"`
	CompareAt int64    `json:"compare_at"`
	Available bool     `json:"available"`
	Tracked   bool     `json:"tracked"`
	Quantity  int64    `json:"quantity"`
	Image     string   `json:"image"`
}

type Image struct {
	Src string `json:"src"`
	Alt string `json:"alt"`
}

// Card is a product in a list. Variant is the only one, which the card's form adds to the cart.
type Card struct {
	Handle    string `json:"handle"`
	Title     string `json:"title"`
	Image     Image  `json:"image"`
	PriceMin  int64  `json:"price_min"`
	PriceMax  int64  `json:"price_max"`
	CompareAt int64  `json:"compare_at"`
	Available bool   `json:"available"`
	Variant   int64  `json:"variant"`
}

func load(file string) (*Data, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	data := new(Data)
	return data, json.Unmarshal(text, data)
}

func (d *Data) title() string { return d.Product.SEOTitle + " · " + d.Shop.Name }

func (d *Data) canonical() string { return d.Shop.URL + d.Product.path() }

func (p *Product) path() string { return "/products/" + p.Handle }

func (c *Card) path() string { return "/products/" + c.Handle }

func (c *Card) onSale() bool { return c.CompareAt > c.PriceMin }

func (c *Collection) path() string { return "/collections/" + c.Handle }

// group is an option with its values, as a visitor sees them who has chosen a variant.
type group struct {
	name, value string
	choices     []choice
}

// choice is a value of an option, and where it leads.
type choice struct {
	value, href       string
	chosen, available bool
}

// variant is that with this id, or else the first; nil for a product without any.
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

func (p *Product) groups(chosen *Variant) []group {
	groups := make([]group, 0, len(p.Options))
	for at, option := range p.Options {
		g := group{
			name:    option.Name,
			value:   chosen.Options[at],
			choices: make([]choice, 0, len(option.Values)),
		}
		for _, value := range option.Values {
			if v := p.with(chosen, at, value); v != nil {
				g.choices = append(g.choices, choice{
					value:     value,
					href:      p.path() + "?variant=" + strconv.FormatInt(v.ID, 10),
					chosen:    value == g.value,
					available: v.Available,
				})
			}
		}
		groups = append(groups, g)
	}
	return groups
}

// with is the variant with that value and otherwise the same options, or else the first with that
// value, one that is available before others.
func (p *Product) with(chosen *Variant, at int, value string) *Variant {
	var first, available *Variant
	for i := range p.Variants {
		v := &p.Variants[i]
		if v.Options[at] != value {
			continue
		}
		if v.sameBut(chosen, at) {
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

func (v *Variant) sameBut(other *Variant, at int) bool {
	for i := range v.Options {
		if i != at && v.Options[i] != other.Options[i] {
			return false
		}
	}
	return true
}

// gallery has the pictures, that of the chosen variant first.
func (p *Product) gallery(chosen *Variant) []Image {
	pictures := make([]Image, 0, len(p.Images)+1)
	lead := 0
	if chosen.Image != "" {
		lead = -1
		for i := range p.Images {
			if p.Images[i].Src == chosen.Image {
				lead = i
			}
		}
	}
	if lead < 0 {
		alt := p.Title + ", " + strings.Join(chosen.Options, " / ")
		pictures = append(pictures, Image{Src: chosen.Image, Alt: alt})
	} else if lead < len(p.Images) {
		pictures = append(pictures, p.Images[lead])
	}
	for i, image := range p.Images {
		if i != lead {
			pictures = append(pictures, image)
		}
	}
	return pictures
}

// most is how many can be added to the cart at once.
func (v *Variant) most() int64 {
	if v.Tracked && v.Quantity > 0 {
		return min(v.Quantity, 999)
	}
	return 999
}

func (v *Variant) fewAreLeft() bool {
	return v.Available && v.Tracked && v.Quantity > 0 && v.Quantity <= 5
}

func (v *Variant) stock() string {
	switch {
	case !v.Available:
		return "Sold out for now"
	case v.fewAreLeft():
		return fmt.Sprintf("Only %d left", v.Quantity)
	}
	return "In stock, ready to post"
}

// Currency is how amounts are written. In its pattern {s} is the symbol, {n} the number.
type Currency struct {
	Code    string `json:"code"`
	Symbol  string `json:"symbol"`
	Digits  int    `json:"digits"`
	Decimal string `json:"decimal"`
	Group   string `json:"group"`
	Pattern string `json:"pattern"`
}

// amount is an amount in minor units as a visitor reads it. No price is below zero.
func (c *Currency) amount(minor int64) string {
	digits := strconv.FormatInt(minor, 10)
	for len(digits) <= c.Digits {
		digits = "0" + digits
	}
	whole, fraction := digits[:len(digits)-c.Digits], digits[len(digits)-c.Digits:]
	number := make([]byte, 0, 32)
	for i := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			number = append(number, c.Group...)
		}
		number = append(number, whole[i])
	}
	if c.Digits > 0 {
		number = append(number, c.Decimal...)
		number = append(number, fraction...)
	}
	amount := strings.Replace(c.Pattern, "{n}", string(number), 1)
	return strings.Replace(amount, "{s}", c.Symbol, 1)
}
