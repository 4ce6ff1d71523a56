package main

import (
	"slices"
	"testing"

	"protium.dev/components/ui/uitest"
)

func shop(t *testing.T) *uitest.Page {
	return uitest.Open(t, uitest.Setup{
		Stores: `{"cart":{"count":2}}`,
		Islands: []uitest.Island{
			{Name: "badge"},
			{Name: "buy", Props: `{"variant":"9007199254740993"}`},
			{Name: "badge", ID: "badge:second"},
		},
	})
}

func TestTwoIslandsShareTheCart(t *testing.T) {
	page := shop(t)
	page.Input("[name=note]", "for Ann & Bob")
	page.Submit("form")
	if got := page.All(".badge"); !slices.Equal(got, []string{"3", "3"}) {
		t.Error(got)
	}
	if label, _ := page.Attr(".badge", "aria-label"); label != "Cart, 3 items" {
		t.Error(label)
	}
	effects := page.Effects()
	want := []string{
		"POST",
		"/cart/add",
		"variant_id=9007199254740993&note=for+Ann+%26+Bob",
		"Added",
		"count",
		"lines[].id",
		"lines[].title",
	}
	if len(effects) != 1 || effects[0].Kind != "fetch" || !slices.Equal(effects[0].Texts, want) {
		t.Fatal(effects)
	}
	if _, busy := page.Attr("button", "aria-busy"); !busy {
		t.Error("the button is not busy")
	}
	page.Trap()
	page.Answer(
		effects[0],
		200,
		`{"count":7,"lines":[{"id":1,"title":"Pot"},{"id":2,"title":"Spade"}]}`,
	)
	if got := page.All(".badge"); !slices.Equal(got, []string{"7", "7"}) ||
		page.Text("[role=status]") != "Added. Pot Spade" {
		t.Error(page.HTML())
	}
	if said := page.Effects(); len(said) != 1 || said[0].Kind != "announce" ||
		said[0].Texts[0] != "Added. Pot Spade" {
		t.Error(said)
	}
}

func TestTheCartIsRolledBack(t *testing.T) {
	for _, status := range []int{409, 500, 0} {
		page := shop(t)
		page.Submit("form")
		page.Answer(page.Effects()[0], status, "")
		if got := page.All(".badge"); !slices.Equal(got, []string{"2", "2"}) ||
			page.Text("[role=status]") != "That did not work." {
			t.Error(page.HTML())
		}
	}
}

func TestResumeReachesThoseWhoWantIt(t *testing.T) {
	page := shop(t)
	page.Resume()
	page.Resume()
	if got := page.Text(".resumed"); got != "2" {
		t.Error(got)
	}
}

func TestEffectsSayWhatTheyAskFor(t *testing.T) {
	cases := []struct {
		button, kind string
		texts        []string
	}{
		{".wait", "timer", []string{"1500", "Tick"}},
		{".look", "fetch", []string{"GET", "/search?x=1&q=a%26b+%C3%BC", "", "Tick"}},
		{".go", "navigate", []string{"/cart", "go"}},
		{".show", "navigate", []string{"/products/a?variant=2", "replace"}},
		{".jump", "focus", []string{"field"}},
		{".say", "announce", []string{"said 😀"}},
		{".script", "navigate", []string{"about:invalid", "go"}},
	}
	page := open(t, "asks", `{}`)
	for _, c := range cases {
		page.Click(c.button)
		effects := page.Effects()
		if len(effects) != 1 || effects[0].Kind != c.kind || !slices.Equal(effects[0].Texts, c.texts) {
			t.Errorf("%s: %v", c.button, effects)
		}
		switch c.kind {
		case "timer":
			page.Elapse(effects[0])
		case "fetch":
			page.Answer(effects[0], 200, "")
		}
	}
	if got := page.Text("output"); got != "2" {
		t.Error(got)
	}
}
