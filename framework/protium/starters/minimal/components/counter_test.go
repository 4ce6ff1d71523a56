package main

import (
	"testing"

	"protium.dev/components/ui/uitest"
)

func TestAClickCountsOneMore(t *testing.T) {
	messages, err := uitest.ReadMessages("../messages/en.json")
	if err != nil {
		t.Fatal(err)
	}
	uitest.Messages = messages
	page := uitest.Open(t, uitest.Setup{
		Islands: []uitest.Island{{Name: "counter", Props: `{"start":2}`}},
	})
	page.Click("button")
	if clicks := page.Text("output"); clicks != "3 clicks" {
		t.Error(clicks)
	}
}
