package theme

import (
	"strings"
	"testing"

	"protium.dev/components/ui/uitest"
)

const scarf = `{"handle":"scarf","title":"Scarf",
	"options":[{"name":"Colour","values":["Blue","Red","Green"]}],
	"images":[{"src":"/blue.jpg","alt":""},{"src":"/red.jpg","alt":"A red scarf"},
		{"src":"/label.jpg","alt":""}],
	"variants":[
		{"id":1,"title":"Blue","options":["Blue"],"price":2000,"available":true,"image":"/blue.jpg"},
		{"id":2,"title":"Red","options":["Red"],"price":2000,"available":true,"image":"/red.jpg"},
		{"id":3,"title":"Green","options":["Green"],"price":2000,"available":true,"image":null},
		{"id":4,"title":"Grey","options":["Grey"],"price":2000,"available":true,"image":"/grey.jpg"}]}`

// shown gives the pictures as they stand, first to last.
func shown(t *testing.T, html string) string {
	t.Helper()
	var names []string
	for _, part := range strings.Split(html, ` src="/`)[1:] {
		names = append(names, part[:strings.Index(part, ".")])
	}
	return strings.Join(names, " ")
}

func TestThePictureOfTheChosenVariantLeads(t *testing.T) {
	for selected, want := range map[string]string{
		"1": "blue red label",
		"2": "red blue label",
		"3": "blue red label",
		"4": "grey blue red label",
		"9": "blue red label",
	} {
		html := uitest.HTML(t, "product-gallery", `{"selected":`+selected+`,"product":`+scarf+`}`)
		if got := shown(t, html); got != want {
			t.Errorf("variant %s: %s, not %s", selected, got, want)
		}
		if n := strings.Count(html, "fetchpriority"); n != 1 {
			t.Errorf("variant %s: %d pictures are loaded before all others", selected, n)
		}
	}
	has(
		t,
		uitest.HTML(t, "product-gallery", `{"product":`+scarf+`}`),
		`alt="Scarf"`,
		`alt="A red scarf"`,
		`tabindex="0"`,
	)
	has(t, uitest.HTML(t, "product-gallery", `{"product":{"title":"Bare"}}`), "gallery-empty")
}

func TestTwoPicturesWithOneAddressAreNoTrap(t *testing.T) {
	html := uitest.HTML(
		t,
		"product-gallery",
		`{"product":{"images":[{"src":"/a.jpg"},{"src":"/a.jpg"}]}}`,
	)
	if got := shown(t, html); got != "a a" {
		t.Error(got)
	}
}

func TestChoosingAVariantBringsItsPictureToTheFront(t *testing.T) {
	page := uitest.Open(t, uitest.Setup{Stores: `{}`, Islands: []uitest.Island{
		{Name: "product-gallery", Props: `{"selected":1,"product":` + scarf + `}`},
		{Name: "product-form", Props: `{"selected":1,"product":` + scarf + `}`},
	}})
	page.Click(`a[href="/products/scarf?variant=2"]`)
	if got := shown(t, page.HTML()); got != "red blue label" {
		t.Errorf("%s after choosing red", got)
	}
	page.Click(`a[href="/products/scarf?variant=3"]`)
	if got := shown(t, page.HTML()); got != "blue red label" {
		t.Errorf("%s after choosing what has no picture of its own", got)
	}
}

func TestAChoiceOfOneProductIsNotThatOfAnother(t *testing.T) {
	other := strings.ReplaceAll(scarf, `"scarf"`, `"shawl"`)
	page := uitest.Open(t, uitest.Setup{Stores: `{}`, Islands: []uitest.Island{
		{Name: "product-gallery", Props: `{"selected":1,"product":` + other + `}`},
		{Name: "product-form", Props: `{"selected":1,"product":` + scarf + `}`},
	}})
	page.Click(`a[href="/products/scarf?variant=2"]`)
	if got := shown(t, page.HTML()); got != "blue red label" {
		t.Errorf("%s after choosing red of another product", got)
	}
}

func TestOneVariantLeavesNoEmptyPicker(t *testing.T) {
	form := uitest.HTML(
		t,
		"product-form",
		`{"product":{"handle":"x","variants":[{"id":1,"price":100,"available":true}]}}`,
	)
	has(t, form, `class="variant-picker" hidden`)
}

func TestWhatIsSoldOutHasNoQuantity(t *testing.T) {
	form := uitest.HTML(
		t,
		"product-form",
		`{"product":{"handle":"x","variants":[{"id":1,"price":100,"available":false}]}}`,
	)
	has(t, form, "Sold out")
	hasNot(t, form, "stepper")
}

func TestPicturesWithoutWordsAreCalledWhatTheProductIs(t *testing.T) {
	card := uitest.HTML(
		t,
		"product-card",
		`{"product":{"handle":"pot","title":"Pot","image":{"src":"/pot.svg","alt":""}}}`,
	)
	has(t, card, `alt="Pot"`, `loading="lazy"`)
	lead := uitest.HTML(
		t,
		"product-card",
		`{"lead":true,"product":{"handle":"pot","title":"Pot","image":{"src":"/pot.svg","alt":""}}}`,
	)
	has(t, lead, `fetchpriority="high"`)
	hasNot(t, lead, "lazy", "async")
}

func TestTheKeyboardGoesOnWhereALineWasRemoved(t *testing.T) {
	page := open(t, "cart-lines", lines, badge)
	page.Submit(".cart-line-remove")
	if e := effect(t, page, "focus"); e.Texts[0] != "after-removal" {
		t.Errorf("the keyboard goes to %s", e.Texts)
	}
	if n := page.Count(`button[data-go-ref="after-removal"]`); n != 1 ||
		page.Count(".cart-line") != 1 {
		t.Errorf("%d places for the keyboard in\n%s", n, page.HTML())
	}
	page.Submit(".cart-line-remove")
	effect(t, page, "focus")
	if _, found := page.Attr(".cart-empty-title", "data-go-ref"); !found {
		t.Error("an empty cart has no place for the keyboard")
	}
}

func TestAnOrderActsWhenItIsChosen(t *testing.T) {
	page := open(t, "sort-menu", `{"action":"/collections/all","sort":"newest"}`, `{}`)
	has(t, page.HTML(), `<option selected="" value="newest">`)
	page.Check(`option[value="newest"]`, true)
	if n := len(page.Effects()); n != 0 {
		t.Errorf("the order that the list has asked for %d effects", n)
	}
	page.Check(`option[value="title-asc"]`, true)
	has(t, effect(t, page, "navigate").Texts[0], "/collections/all?sort=title-asc")
	page.Resume()
	has(t, page.HTML(), `<option selected="" value="newest">`)
	page.Check(`option[value="newest"]`, false) // so that the first is chosen
	if url := effect(t, page, "navigate").Texts[0]; url != "/collections/all" {
		t.Errorf("the shop's own order is at %s", url)
	}
}

func TestTheFieldOfAComboboxIsAPlainTextField(t *testing.T) {
	has(t, uitest.HTML(t, "search-box", `{}`), `type="text"`, `role="combobox"`)
}
