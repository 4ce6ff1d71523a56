package theme

import (
	"strings"
	"testing"

	"protium.dev/components/ui/uitest"
)

// one is a cart of one line, with eleven in stock.
const one = `{"cart":{"version":7,"lines":[
	{"id":1,"variant_id":1,"quantity":4,"handle":"a","title":"A",
	"unit_price":1000,"available":true,"max":11}]}}`

// leave types a text into the line's field and leaves it.
func leave(page *uitest.Page, text string) {
	page.Input(".stepper-input", text)
	page.Fire("change", ".stepper-input", "")
}

func TestWhatIsNoQuantityChangesNothing(t *testing.T) {
	for _, text := range []string{"-3", "2.5", "1e1", "", "x", "+5"} {
		page := open(t, "cart-lines", one, badge)
		leave(page, text)
		has(t, page.Text(".cart-subtotal-amount"), "€40.00")
		has(t, page.Text(".cart-badge-count"), "4")
		if n := len(page.Effects()); n != 0 {
			t.Errorf("%q asked for %d effects", text, n)
		}
	}
}

func TestZeroRemovesALineOnceTheFieldIsLeft(t *testing.T) {
	page := open(t, "cart-lines", one, badge)
	page.Input(".stepper-input", "0")
	if n := page.Count(".cart-line"); n != 1 {
		t.Fatal("the line is gone while the visitor writes")
	}
	page.Fire("change", ".stepper-input", "")
	has(t, strings.Join(effect(t, page, "fetch").Texts, " "), "POST /cart/remove line=1")
	has(t, page.HTML(), "Your cart is empty.")
}

func TestAQuantityAboveTheLimitIsTheLimitAndSaysSo(t *testing.T) {
	for _, text := range []string{"12", "999", "99999999999999999999"} {
		page := open(t, "cart-lines", one, badge)
		leave(page, text)
		has(t, page.Text(".cart-line-notice"), "Only 11 left.")
		has(t, page.Text(".cart-subtotal-amount"), "€110.00")
		page.Click(".stepper-less")
		if n := page.Count(".cart-line-notice"); n != 0 {
			t.Error("ten are no limit")
		}
	}
	page := open(t, "cart-lines", strings.Replace(one, "11", "null", 1), badge)
	leave(page, "1000")
	has(t, page.Text(".cart-line-notice"), "At most 999 at a time.")
}

func TestTheProductsFormSaysWhyAQuantityIsNotLarger(t *testing.T) {
	page := open(t, "product-form", `{"selected":3,"product":`+product+`}`, `{}`)
	page.Input(".stepper-input", "5")
	has(t, page.Text(".form-message"), "Only 3 left.")
	page.Click(".stepper-less")
	hasNot(t, page.Text(".form-message"), "Only 3 left.")
	page.Input(".stepper-input", "0")
	page.Submit("form")
	has(t, strings.Join(effect(t, page, "fetch").Texts, " "), "quantity=1")
}

func TestALineOfWhichThereIsLessThanItHasSaysSo(t *testing.T) {
	page := open(t, "cart-lines", strings.Replace(one, "11", "2", 1), badge)
	has(t, page.Text(".cart-line-notice"), "Only 2 left. Please choose fewer.")
	page.Click(".stepper-more")
	has(t, page.Text(".cart-badge-count"), "4")
	page.Click(".stepper-less")
	has(t, page.Text(".cart-badge-count"), "2")
	if n := page.Count(".cart-line-notice"); n != 0 {
		t.Error("two are there")
	}
}

func TestAfterARefusalTheCartIsReadAgain(t *testing.T) {
	page := open(t, "cart-lines", one, badge)
	page.Click(".stepper-more")
	page.Elapse(effect(t, page, "timer"))
	page.Answer(
		effect(t, page, "fetch"),
		404,
		`{"error":{"message":"This is not in your cart any more."}}`,
	)
	read := effect(t, page, "fetch")
	has(t, strings.Join(read.Texts[:2], " "), "GET /cart")
	page.Answer(read, 200, `{"count":0,"version":9,"lines":[]}`)
	has(t, page.HTML(), "Your cart is empty.", "This is not in your cart any more.")
	has(t, page.Text(".cart-badge-count"), "0")
}

func TestAReadingThatFailsIsNotTriedForEver(t *testing.T) {
	page := open(t, "cart-lines", one, badge)
	page.Submit(".cart-line-remove")
	page.Answer(effect(t, page, "fetch"), 0, ``)
	page.Answer(effect(t, page, "fetch"), 0, ``)
	if n := len(page.Effects()); n != 0 {
		t.Errorf("%d more effects", n)
	}
	if n := page.Count(".cart-line"); n != 1 {
		t.Errorf("%d lines, not 1", n)
	}
	has(t, page.Text(".form-message"), "Please try again.")
}

func TestAnOlderAnswerSetsNoLineBack(t *testing.T) {
	page := open(t, "cart-lines", one, badge)
	page.Resume()
	var read uitest.Effect
	for _, e := range page.Effects() {
		if e.Kind == "fetch" && strings.Contains(strings.Join(e.Texts, " "), "lines[]") {
			read = e
		}
	}
	page.Click(".stepper-more")
	page.Elapse(effect(t, page, "timer"))
	page.Answer(effect(t, page, "fetch"), 200, `{"count":5,"version":8,
		"lines":[{"id":1,"variant_id":1,"quantity":5,"title":"A","unit_price":1000,"available":true}]}`)
	page.Answer(
		read,
		200,
		`{"count":4,"version":7,"lines":[
			{"id":1,"variant_id":1,"quantity":4,"title":"A","unit_price":1000,"available":true}]}`,
	)
	has(t, page.Text(".cart-badge-count"), "5")
	has(t, page.Text(".cart-subtotal-amount"), "€50.00")
}

func TestTheBadgeFollowsTheHighestVersion(t *testing.T) {
	page := open(t, "add-to-cart", `{"variant":3}`, badge)
	page.Resume()
	read := effect(t, page, "fetch")
	page.Submit("form")
	page.Answer(effect(t, page, "fetch"), 200, `{"count":6,"version":9}`)
	page.Answer(read, 200, `{"count":4,"version":7}`)
	has(t, page.Text(".cart-badge-count"), "6")
	// That the cart is gone on the server is newer than any version of it.
	page.Resume()
	page.Answer(effect(t, page, "fetch"), 200, `{"count":0,"version":99}`)
	has(t, page.Text(".cart-badge-count"), "0")
}

func TestARefusedAdditionReadsTheNumberAgain(t *testing.T) {
	page := open(t, "add-to-cart", `{"variant":3}`, badge)
	page.Submit("form")
	page.Answer(effect(t, page, "fetch"), 409, `{"error":{"message":"Only 2 left."}}`)
	page.Answer(effect(t, page, "fetch"), 200, `{"count":0,"version":99}`)
	has(t, page.Text(".cart-badge-count"), "0")
	has(t, page.Text(".form-message"), "Only 2 left.")
}

func TestABrowserHasItsKeyBeforeTheFirstAddition(t *testing.T) {
	page := open(t, "add-to-cart", `{"variant":3}`, `{}`)
	page.Submit("form")
	effects := page.Effects()
	if len(effects) != 2 || effects[0].Kind != "key" || effects[1].Kind != "fetch" {
		t.Fatalf("%v", effects)
	}
	has(t, effects[0].Texts[0], "protium-cart-key")
}

func TestAnotherChoiceIsAddedWhileTheFirstIsOnItsWay(t *testing.T) {
	page := open(t, "product-form", `{"selected":1,"product":`+product+`}`, badge)
	page.Submit("form")
	first := effect(t, page, "fetch")
	page.Click(`a[href="/products/tee?variant=3"]`)
	page.Effects()
	page.Click(".stepper-more")
	page.Submit("form")
	second := effect(t, page, "fetch")
	has(t, strings.Join(second.Texts, " "), "variant_id=3&quantity=2")
	has(t, page.Text(".cart-badge-count"), "7")
	page.Answer(second, 200, `{"count":7,"version":9}`)
	page.Answer(first, 200, `{"count":5,"version":8}`)
	has(t, page.Text(".cart-badge-count"), "7")
	hasNot(t, page.HTML(), `aria-busy="true"`)
}

func TestALineWithExtrasCostsThemToo(t *testing.T) {
	page := open(t, "cart-lines", `{"cart":{"version":7,"lines":[
	{"id":4503599627370497,"variant_id":3,"quantity":2,"handle":"a","title":"A",
	"details":"<b>Gift wrap",
	"unit_price":1000,"extra_each":350,"extra_once":99,"available":true,"max":null}]}}`, badge)
	has(t, page.HTML(), "&lt;b&gt;Gift wrap", `href="/products/a?variant=3"`)
	has(t, page.Text(".cart-line-unit"), "€13.50")
	has(t, page.Text(".cart-line-total"), "€27.99")
	page.Click(".stepper-more")
	has(t, page.Text(".cart-line-total"), "€41.49")
	has(t, page.Text(".cart-subtotal-amount"), "€41.49")
	page.Elapse(effect(t, page, "timer"))
	has(t, strings.Join(effect(t, page, "fetch").Texts, " "), "line=4503599627370497")
}

func TestWhatAShopPutIntoAFormGoesWithIt(t *testing.T) {
	for name, props := range map[string]string{
		"add-to-cart":  `{"variant":3}`,
		"product-form": `{"selected":3,"product":` + product + `}`,
	} {
		page := open(t, name, props, badge)
		sent := `{"form":{"variant_id":"9",
			"attributes[gift_wrap]":"on","attributes[note]":"for Ann & Bob"}}`
		page.FireWith("submit", "form", sent)
		first := effect(t, page, "fetch")
		form := strings.Join(first.Texts[:3], " ")
		has(t, form, "POST /cart/add ", "variant_id=3&quantity=1",
			"attributes%5Bgift_wrap%5D=on", "attributes%5Bnote%5D=for+Ann+%26+Bob")
		hasNot(t, form, "variant_id=9")
		has(t, page.Text(".cart-badge-count"), "5")
		// The same again is a double click; with another note it is another line.
		page.FireWith("submit", "form", sent)
		if n := len(page.Effects()); n != 0 {
			t.Errorf("%s: a double click asked for %d effects", name, n)
		}
		page.FireWith("submit", "form", `{"form":{"attributes[gift_wrap]":"on"}}`)
		effect(t, page, "fetch")
		has(t, page.Text(".cart-badge-count"), "6")
	}
}
