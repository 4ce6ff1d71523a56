package theme

import (
	"regexp"
	"strings"
	"testing"

	"protium.dev/components/ui/uitest"
)

var address = regexp.MustCompile(`(?:href|action)="([^"]*)"`)

// french opens a component in a market whose addresses begin with /fr.
func french(t *testing.T, name, props string) *uitest.Page {
	t.Helper()
	ctx := strings.Replace(uitest.English, `"path":"/"`, `"path":"/","prefix":"/fr"`, 1)
	islands := []uitest.Island{{Name: name, Props: props}}
	return uitest.Open(t, uitest.Setup{Ctx: ctx, Stores: badge, Islands: islands})
}

func TestLinksAndFormsStayInTheMarket(t *testing.T) {
	for name, props := range map[string]string{
		"add-to-cart": `{"variant":1,"available":true}`,
		"cart-badge":  `{}`,
		"cart-lines":  one,
		"product-card": `{"product":{"handle":"pot","title":"Pot","price_min":900,"price_max":900,
			"available":true,"variant_id":5}}`,
		"product-form": `{"selected":1,"product":` + product + `}`,
		"search-box":   `{"query":""}`,
	} {
		found := address.FindAllStringSubmatch(french(t, name, props).HTML(), -1)
		if len(found) == 0 {
			t.Errorf("%s has no address", name)
		}
		for _, match := range found {
			if !strings.HasPrefix(match[1], "/fr/") {
				t.Errorf("%s leads to %s", name, match[1])
			}
		}
	}
	has(t, french(t, "cart-lines", `{"cart":{"version":7,"lines":[]}}`).HTML(),
		`href="/fr/collections/all"`)
}

func TestTheServerIsAskedInTheMarket(t *testing.T) {
	card := `{"product":{"handle":"pot","title":"Pot","available":true,"variant_id":5}}`
	page := french(t, "product-card", card)
	page.Submit("form")
	has(t, effect(t, page, "fetch").Texts[1], "/fr/cart/add")

	page = french(t, "cart-lines", one)
	page.Submit(".cart-line-remove")
	has(t, effect(t, page, "fetch").Texts[1], "/fr/cart/remove")

	page = french(t, "search-box", `{"query":""}`)
	page.Input("input", "pot")
	page.Elapse(effect(t, page, "timer"))
	asked := effect(t, page, "fetch")
	has(t, asked.Texts[1], "/fr/search/suggest?q=pot")
	page.Answer(asked, 200, `{"query":"pot","products":[{"handle":"pot","title":"Pot"}]}`)
	has(t, page.HTML(), `href="/fr/products/pot"`)
}

func TestAChosenVariantsAddressIsInTheMarket(t *testing.T) {
	page := french(t, "product-form", `{"selected":1,"product":`+product+`}`)
	page.Click(`a[href="/fr/products/tee?variant=3"]`)
	has(t, effect(t, page, "navigate").Texts[0], "/fr/products/tee?variant=3")
}
