package main

import (
	"testing"

	"protium.dev/components/ui/uitest"
)

// open renders the guide of a tea and has it come alive.
func open(t *testing.T) *uitest.Page {
	t.Helper()
	messages, err := uitest.ReadMessages("../messages/en.json")
	if err != nil {
		t.Fatal(err)
	}
	uitest.Messages = messages
	return uitest.Open(t, uitest.Setup{
		Islands: []uitest.Island{{
			Name:  "brew-guide",
			Props: `{"grams":3,"degrees":80,"minutes":2}`,
		}},
	})
}

func TestMoreCupsTakeMoreTea(t *testing.T) {
	page := open(t)
	page.Click(".brew-more")
	if cups := page.Text("output"); cups != "2 cups" {
		t.Error(cups)
	}
	if recipe := page.Text("p"); recipe != "6 g of leaves, water at 80 °C" {
		t.Error(recipe)
	}
}

func TestThereIsAlwaysOneCup(t *testing.T) {
	page := open(t)
	page.Click(".brew-less")
	if cups := page.Text("output"); cups != "1 cup" {
		t.Error(cups)
	}
}
