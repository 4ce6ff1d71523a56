package main

import (
	"testing"

	"protium.dev/components/ui/uitest"
)

func TestLongerEveningsTakeMorePower(t *testing.T) {
	messages, err := uitest.ReadMessages("../messages/en.json")
	if err != nil {
		t.Fatal(err)
	}
	uitest.Messages = messages
	page := uitest.Open(t, uitest.Setup{
		Islands: []uitest.Island{{Name: "power-use", Props: `{"watts":6}`}},
	})
	if year := page.Text("p"); year != "7 kWh in a year." {
		t.Error(year)
	}
	page.Input(".power-hours", "5")
	if hours := page.Text("output"); hours != "5 hours a day" {
		t.Error(hours)
	}
	if year := page.Text("p"); year != "11 kWh in a year." {
		t.Error(year)
	}
}
