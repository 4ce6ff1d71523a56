package main

import (
	"testing"

	"protium.dev/components/ui/uitest"
)

func open(t *testing.T, name, props string) *uitest.Page {
	return uitest.Open(t, uitest.Setup{Islands: []uitest.Island{{Name: name, Props: props}}})
}

func TestEveryComponentComesAliveAsItWasRendered(t *testing.T) {
	cases := map[string]string{
		"counter": `{"start":3}`,
		"texts":   `{"a":"<b>","b":"","note":"\nx"}`, "numbers": `{"n":5,"price":1234}`,
		"attributes": `{"on":true}`,
		"markup":     `{"html":"<b>x</b>"}`, "still": `{}`, "panel": `{"open":true}`,
		"conditions": `{"a":true,"b":true,"name":"n"}`,
		"rows":       `{"rows":[{"id":1,"name":"x","tags":["p","q/r"],"done":true},{"id":2,"name":"y"}]}`,
		"nested":     `{"lines":[{"id":7}]}`,
		"shapes":     `{}`, "badge": `{}`, "buy": `{}`, "asks": `{}`, "forgetful": `{}`,
		"pointing": `{}`, "disclosure": `{"open":true,"muted":true}`, "keeper": `{}`,
	}
	for name, props := range cases {
		t.Run(name, func(t *testing.T) {
			html := uitest.HTML(t, name, props)
			t.Log(html)
			page := open(t, name, props)
			if got, want := page.HTML(), uitest.Canonical(html); got != want {
				t.Errorf("alive %s\nserver %s", got, want)
			}
		})
	}
}
