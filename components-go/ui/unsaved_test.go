package ui_test

import (
	"strings"
	"testing"

	"protium.dev/components/ui"
	"protium.dev/components/ui/uitest"
)

// forgetful binds only one of its two counts.
type forgetful struct{ saved, lost int64 }

func (c *forgetful) Bind(b *ui.Binder) {
	b.State("saved").Int64(&c.saved)
	b.On("Save", func(ui.Event) { c.saved++ })
	b.On("Lose", func(ui.Event) { c.lost++ })
}

func (c *forgetful) Render() ui.Node {
	return ui.P(ui.Int(c.saved), ui.Text("/"), ui.Int(c.lost),
		ui.Button(ui.Class("save"), ui.On("click", "Save")),
		ui.Button(ui.Class("lose"), ui.On("click", "Lose")))
}

func init() { ui.Register("forgetful", func() ui.Component { return &forgetful{} }) }

func TestDevelopmentFindsWhatAHandlerChangesAndNobodySaves(t *testing.T) {
	islands := []uitest.Island{{Name: "forgetful"}}
	for dev, reports := range map[string]int{"true": 1, "false": 0} {
		ctx := strings.Replace(uitest.English, `"dev":false`, `"dev":`+dev, 1)
		page := uitest.Open(t, uitest.Setup{Ctx: ctx, Islands: islands})
		page.Click(".save")
		page.Click(".save")
		if got := page.Effects(); len(got) != 0 {
			t.Errorf("dev %s: what is saved is reported: %v", dev, got)
		}
		page.Click(".lose")
		got := page.Effects()
		if len(got) != reports {
			t.Fatalf("dev %s: %v", dev, got)
		}
		if reports > 0 &&
			(got[0].Kind != "report" || !strings.Contains(got[0].Texts[0],
				"component forgetful shows something that is not in its state")) {
			t.Errorf("it says %v", got[0])
		}
		if got := page.Text("p"); got != "2/1" {
			t.Errorf("dev %s: the page shows %s", dev, got)
		}
	}
}
