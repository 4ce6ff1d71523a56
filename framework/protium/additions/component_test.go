package main

import (
	"testing"

	"protium.dev/components/ui/uitest"
)

func Test__type__ShowsItsText(t *testing.T) {
	page := uitest.Open(t, uitest.Setup{
		Islands: []uitest.Island{{
			Name:  "__name__",
			Props: `{"title":"Hours","text":"9 to 5"}`,
		}},
	})
	if title := page.Text("h2"); title != "Hours" {
		t.Error(title)
	}
	if text := page.Text("p"); text != "9 to 5" {
		t.Error(text)
	}
}
