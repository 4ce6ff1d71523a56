package main

import (
	"testing"

	"protium.dev/components/ui/uitest"
)

func Test__type__OpensAndCloses(t *testing.T) {
	page := uitest.Open(t, uitest.Setup{
		Islands: []uitest.Island{{
			Name:  "__name__",
			Props: `{"title":"Hours","text":"9 to 5"}`,
		}},
	})
	for _, wanted := range []bool{true, false, true} {
		if _, hidden := page.Attr("p", "hidden"); hidden != wanted {
			t.Errorf("hidden: %v", hidden)
		}
		page.Click("button")
	}
}
