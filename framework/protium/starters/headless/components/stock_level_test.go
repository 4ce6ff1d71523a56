package main

import (
	"testing"

	"protium.dev/components/ui/uitest"
)

func TestTheLastPiecesAreCounted(t *testing.T) {
	messages, err := uitest.ReadMessages("../messages/en.json")
	if err != nil {
		t.Fatal(err)
	}
	uitest.Messages = messages
	for props, text := range map[string]string{
		`{"pieces":0}`:  "Sold out",
		`{"pieces":1}`:  "1 piece",
		`{"pieces":12}`: "12 pieces",
	} {
		page := uitest.Open(t, uitest.Setup{
			Islands: []uitest.Island{{Name: "stock-level", Props: props}},
		})
		if shown := page.Text("p"); shown != text {
			t.Errorf("%s: %s", props, shown)
		}
	}
}
