package theme

import (
	"strings"
	"testing"

	"protium.dev/components/ui/uitest"
)

func init() {
	messages, err := uitest.ReadMessages("../../framework/protium/theme/messages/en.json")
	if err != nil {
		panic(err)
	}
	uitest.Messages = messages
}

const product = `{"handle":"tee",
"options":[{"name":"Size","values":["S","M"]},{"name":"Color","values":["Red","Blue"]}],"variants":[
	{"id":1,"options":["S","Red"],"price":2000,"compare_at":null,"available":true,"quantity":null},
	{"id":2,"options":["S","Blue"],"price":2000,"compare_at":2500,"available":false,"quantity":0},
	{"id":3,"options":["M","Red"],"price":2200,"compare_at":null,"available":true,"quantity":3}]}`

const badge = `{"cart":{"count":4,"version":7}}`

func has(t *testing.T, html string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(html, part) {
			t.Errorf("%q is not in\n%s", part, html)
		}
	}
}

func hasNot(t *testing.T, html string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(html, part) {
			t.Errorf("%q is in\n%s", part, html)
		}
	}
}

func TestACardShowsWhatIsReducedAndWhatIsSoldOut(t *testing.T) {
	card := uitest.HTML(
		t,
		"product-card",
		`{"product":{"handle":"pot","title":"Pot <1>","image":{"src":"/pot.svg","alt":"A pot"},
		"price_min":900,"price_max":900,"compare_at":1200,
			"available":true,"on_sale":true,"variant_id":5}}`,
	)
	has(
		t,
		card,
		"Pot &lt;1&gt;",
		`src="/pot.svg"`,
		">Sale<",
		"€9.00",
		"€12.00",
		`action="/cart/add"`,
		`value="5"`,
	)
	hasNot(t, card, "Sold out", "From ")

	gone := uitest.HTML(t, "product-card", `{"product":{"handle":"pot","title":"Pot","image":null,
		"price_min":900,"price_max":1900,"compare_at":null,"available":false,"variant_id":5}}`)
	has(t, gone, "Sold out", "card-noimage", "From ")
	hasNot(t, gone, "<form", "<img")
}

func TestAnAddressFromTheCatalogueCannotBeAScript(t *testing.T) {
	card := uitest.HTML(
		t,
		"product-card",
		`{"product":{"handle":"x","title":"x",
			"image":{"src":"javascript:alert(1)","alt":"\"><script>"}}}`,
	)
	hasNot(t, card, "javascript:", "<script>")
}

func TestEachOptionLinksToTheVariantThatKeepsTheOthers(t *testing.T) {
	form := uitest.HTML(t, "product-form", `{"selected":1,"product":`+product+`}`)
	has(
		t,
		form,
		`href="/products/tee?variant=1"`,
		`href="/products/tee?variant=2"`,
		`href="/products/tee?variant=3"`,
		"(sold out)",
		"In stock, ready to post",
		"€20.00",
	)
}

func open(t *testing.T, name, props, stores string) *uitest.Page {
	t.Helper()
	return uitest.Open(
		t,
		uitest.Setup{
			Stores:  stores,
			Islands: []uitest.Island{{Name: name, Props: props}, {Name: "cart-badge"}},
		},
	)
}

// effect gives the only effect of that kind that the last handler asked for.
func effect(t *testing.T, page *uitest.Page, kind string) uitest.Effect {
	t.Helper()
	var found []uitest.Effect
	for _, e := range page.Effects() {
		if e.Kind == kind {
			found = append(found, e)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d effects of kind %s, not 1", len(found), kind)
	}
	return found[0]
}

func TestChoosingAnOptionChangesPriceStockAndForm(t *testing.T) {
	page := open(t, "product-form", `{"selected":1,"product":`+product+`}`, `{}`)
	page.Click(`a[href="/products/tee?variant=3"]`)
	has(t, page.HTML(), "€22.00", "Only 3 left", `value="3"`)
	page.Click(`a[href="/products/tee?variant=2"]`) // blue, which has no M
	has(t, page.HTML(), "Sold out for now", "€25.00")
}

func TestTheStepperStopsAtWhatIsInStock(t *testing.T) {
	page := open(t, "quantity-stepper", `{"value":2,"min":1,"max":3}`, `{}`)
	for range 4 {
		page.Click(".stepper-more")
	}
	has(t, page.HTML(), `value="3"`)
	for range 4 {
		page.Click(".stepper-less")
	}
	has(t, page.HTML(), `value="1"`)
	page.Input("input", "2x")
	page.Input("input", "999999999999")
	has(t, page.HTML(), `aria-disabled="true"`)
}

func TestAddingIsShownAtOnceAndConfirmedByTheServer(t *testing.T) {
	page := open(t, "add-to-cart", `{"variant":3}`, badge)
	page.Submit("form")
	has(t, page.Text(".cart-badge-count"), "5")
	sent := effect(t, page, "fetch")
	has(t, strings.Join(sent.Texts, " "), "POST /cart/add variant_id=3&quantity=1")
	page.Submit("form") // twice does not count
	if n := len(page.Effects()); n != 0 {
		t.Errorf("a second click asked for %d effects", n)
	}
	page.Answer(sent, 200, `{"count":6,"version":9}`)
	has(t, page.Text(".cart-badge-count"), "6")
	has(t, page.Text(".form-message"), "Added to your cart.")
}

func TestAddingIsTakenBackWhenTheServerSaysNo(t *testing.T) {
	page := open(t, "add-to-cart", `{"variant":3}`, badge)
	page.Submit("form")
	page.Answer(effect(t, page, "fetch"), 409, `{"error":{"message":"Only 2 left."}}`)
	has(t, page.Text(".cart-badge-count"), "4")
	has(t, page.HTML(), "is-error", "Only 2 left.")
}

func TestAnAnswerThatCameTooLateDoesNotCount(t *testing.T) {
	page := open(t, "add-to-cart", `{"variant":3}`, badge)
	page.Submit("form")
	page.Answer(effect(t, page, "fetch"), 200, `{"count":1,"version":3}`)
	has(t, page.Text(".cart-badge-count"), "4")
}

const lines = `{"cart":{"lines":[
	{"id":1,"variant_id":1,"quantity":2,"handle":"a","title":"A","variant_title":"S",
"image_src":"/a.svg","unit_price":1000,"available":true,"max":3},
	{"id":2,"variant_id":2,"quantity":2,"handle":"b","title":"B","variant_title":"","image_src":null,
"unit_price":550,"available":true,"max":null}]}}`

func TestTheCartShowsWhatItsLinesComeTo(t *testing.T) {
	page := open(t, "cart-lines", lines, badge)
	has(t, page.Text(".cart-subtotal-amount"), "€31.00")
	page.Click(".stepper-more")
	has(t, page.Text(".cart-subtotal-amount"), "€41.00")
	has(t, page.Text(".cart-badge-count"), "5")
	page.Click(".stepper-more") // there are three
	has(t, page.Text(".cart-subtotal-amount"), "€41.00")
}

func TestALineComesBackWhenTheServerDoesNotRemoveIt(t *testing.T) {
	page := open(t, "cart-lines", lines, badge)
	page.Submit(".cart-line-remove")
	if n := page.Count(".cart-line"); n != 1 {
		t.Fatalf("%d lines, not 1", n)
	}
	has(t, page.Text(".cart-badge-count"), "2")
	page.Answer(effect(t, page, "fetch"), 503, `{}`)
	if n := page.Count(".cart-line"); n != 2 {
		t.Errorf("%d lines, not 2", n)
	}
	has(t, page.Text(".cart-badge-count"), "4")
	has(t, page.Text(".form-message"), "Please try again.")
}

func TestRemovingTheLastLineLeavesAnEmptyCart(t *testing.T) {
	page := open(
		t,
		"cart-lines",
		`{"cart":{"lines":[{"id":1,"variant_id":1,"quantity":1,"title":"A","available":true}]}}`,
		`{"cart":{"count":1,"version":1}}`,
	)
	page.Submit(".cart-line-remove")
	has(t, page.HTML(), "Your cart is empty.")
	page.Answer(effect(t, page, "fetch"), 200, `{"count":0,"version":2,"lines":[]}`)
	has(t, page.HTML(), "Your cart is empty.")
	has(t, page.Text(".cart-badge-count"), "0")
}

func TestSearchSuggestsForWhatTheFieldHoldsByNow(t *testing.T) {
	page := open(t, "search-box", `{"query":""}`, `{}`)
	page.Input("input", "pot")
	page.Elapse(effect(t, page, "timer"))
	asked := effect(t, page, "fetch")
	has(t, asked.Texts[1], "/search/suggest?q=pot")
	const answer = `{"query":"pot",
	"products":[{"handle":"pot","title":"Pot","image_src":"/p.svg","price_min":900}],
		"collections":[{"handle":"pots","title":"Pots"}]}`
	page.Input("input", "pots")
	page.Answer(asked, 200, answer)
	if n := page.Count(".suggestion"); n != 0 {
		t.Fatalf("%d suggestions for an older text", n)
	}
	page.Input("input", "pot")
	page.Answer(asked, 200, answer)
	if n := page.Count(".suggestion"); n != 2 {
		t.Fatalf("%d suggestions, not 2", n)
	}
	page.Press("input", "ArrowDown")
	page.Press("input", "ArrowDown")
	page.Effects()
	page.Submit("form")
	has(t, strings.Join(effect(t, page, "navigate").Texts, " "), "/collections/pots go")
	page.Press("input", "Escape")
	has(t, page.HTML(), `aria-expanded="false"`)
	page.Submit("form")
	if asked := page.Effects(); len(asked) != 0 {
		t.Errorf("Enter without a suggestion asks for %v", asked)
	}
}

func TestTheSearchBoxSaysWhatTheServerMadeOfTheQuery(t *testing.T) {
	for made, note := range map[string]string{
		`"corrected":null,"partial":false`:     "",
		`"corrected":"trowel","partial":false`: "Showing results for “\u2068trowel\u2069”",
		`"corrected":null,"partial":true`:      "No product has all words; these have some",
	} {
		page := open(t, "search-box", `{"query":""}`, `{}`)
		page.Input("input", "trowle")
		page.Elapse(effect(t, page, "timer"))
		page.Answer(effect(t, page, "fetch"), 200, `{"query":"trowle",`+made+
			`,"products":[{"handle":"trowel","title":"Trowel","price_min":900}],"collections":[]}`)
		shown := ""
		if page.Count(".suggestions-note") > 0 {
			shown = page.Text(".suggestions-note")
		}
		if shown != note {
			t.Errorf("%s: the box says %q, not %q", made, shown, note)
		}
	}
}

func TestTheBadgeCountsTheCart(t *testing.T) {
	for stores, want := range map[string]string{
		`{}`:                     "Cart, empty",
		`{"cart":{"count":1}}`:   "Cart, 1 item",
		badge:                    "Cart, 4 items",
		`{"cart":{"count":120}}`: "99+",
		`{"cart":{"count":-5}}`:  "Cart, empty",
	} {
		all, err := uitest.Render(
			uitest.Setup{Stores: stores, Islands: []uitest.Island{{Name: "cart-badge"}}},
		)
		if err != nil {
			t.Fatal(err)
		}
		has(t, all[0].HTML, want)
	}
}
