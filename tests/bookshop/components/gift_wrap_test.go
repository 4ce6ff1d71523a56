package main

import (
	"testing"

	"protium.dev/components/ui/uitest"
)

func TestTheCardHasRoomForSixtyCharacters(t *testing.T) {
	messages, err := uitest.ReadMessages("../messages/en.json")
	if err != nil {
		t.Fatal(err)
	}
	uitest.Messages = messages
	page := uitest.Open(t, uitest.Setup{
		Islands: []uitest.Island{{Name: "gift-wrap", Props: `{"price":350}`}},
	})
	if price := page.Text(".gift-wrap-price"); price != "€3.50 for each book" {
		t.Error(price)
	}
	if _, hidden := page.Attr(".gift-note", "hidden"); !hidden {
		t.Error("there is a card before there is a present")
	}
	page.Check("[type=checkbox]", true)
	page.Input("#gift-note", "🇫🇷 e\u0301te\u0301")
	if left := page.Text("output"); left != "55 characters left" {
		t.Error(left)
	}
}
