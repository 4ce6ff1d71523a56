package ui_test

import (
	"strings"
	"testing"

	"protium.dev/components/ui"
	"protium.dev/components/ui/uitest"
)

type greeter struct{ n int64 }

func (c *greeter) Bind(b *ui.Binder) {
	b.Prop("n").Int64(&c.n)
	b.On("Say", func(ui.Event) { ui.Announce(ui.MessageText("greet.hello", "name", "Bo")) })
}

func (c *greeter) Render() ui.Node {
	return ui.P(ui.AttrStr("title", ui.CountMessageText(c.n, "greet.guests", "place", "{n}")),
		ui.Message("greet.hello", "name", "<Ann>"), ui.Text("|"),
		ui.CountMessage(c.n, "greet.guests", "place", "Rome"), ui.Text("|"),
		ui.Message("greet.plain"), ui.Text("|"), ui.Message("greet.missing"))
}

type undeclared struct{}

func (c *undeclared) Bind(*ui.Binder) {}

func (c *undeclared) Render() ui.Node { return ui.P(ui.Message("greet.hello")) }

func init() {
	ui.Register("greeter", func() ui.Component { return &greeter{} },
		ui.Messages("greet.hello greet.guests"), ui.Messages("greet.plain  greet.missing"))
	ui.Register("undeclared", func() ui.Component { return &undeclared{} }, ui.Messages("greet"))
}

func inLanguage(table, messages string) string {
	rest := strings.Replace(uitest.English, `"plural":"one_other"`, table, 1)[1:]
	return `{"messages":` + messages + "," + rest
}

func TestMessagesAreInThePagesLanguage(t *testing.T) {
	english := `{"greet.hello":"Hello {name}, {unknown} {","greet.plain":"{name}",
		"greet.guests":{"one":"{n} guest in {place}","other":"{n} guests in {place}"}}`
	polish := `{"greet.hello":"{name}{name}","greet.plain":"","greet.guests":
		{"one":"{n} gość","few":"{n} goście","many":"{n} gości","other":"{n} gościa"}}`
	cases := []struct{ table, messages, n, text, title string }{
		{
			`"plural":"one_other"`,
			english,
			"1",
			"Hello <Ann>, {unknown} {|1 guest in Rome|{name}|greet.missing",
			"1 guest in {n}",
		},
		{
			`"plural":"one_other"`,
			english,
			"1234",
			"Hello <Ann>, {unknown} {|1,234 guests in Rome|{name}|greet.missing",
			"1,234 guests in {n}",
		},
		{`"plural":"polish"`, polish, "3", "<Ann><Ann>|3 goście||greet.missing", "3 goście"},
		{`"plural":"polish"`, polish, "5", "<Ann><Ann>|5 gości||greet.missing", "5 gości"},
		{`"plural":"arabic","numerals":"٠١٢٣٤٥٦٧٨٩"`, english, "1234",
			"Hello <Ann>, {unknown} {|١,٢٣٤ guests in Rome|{name}|greet.missing",
			"١,٢٣٤ guests in {n}"},
		{`"plural":"one_other"`, `{"greet.hello":7,"greet.guests":{"one":[]},"greet.plain":null}`, "2",
			"greet.hello|greet.guests|greet.plain|greet.missing", "greet.guests"},
		{`"plural":"one_other"`, `[]`, "2", "greet.hello|greet.guests|greet.plain|greet.missing",
			"greet.guests"},
	}
	for _, c := range cases {
		page := uitest.Open(t, uitest.Setup{Ctx: inLanguage(c.table, c.messages),
			Islands: []uitest.Island{{Name: "greeter", Props: `{"n":` + c.n + `}`}}})
		if title, _ := page.Attr("p", "title"); page.Text("p") != c.text || title != c.title {
			t.Errorf("%s of %s: %s, %s", c.n, c.messages, page.Text("p"), title)
		}
	}
}

func TestAMessageThatIsNotDeclaredIsNamed(t *testing.T) {
	_, err := uitest.Render(uitest.Setup{Islands: []uitest.Island{{Name: "undeclared"}}})
	if err == nil ||
		!strings.Contains(err.Error(), "the message greet.hello is shown and not declared") {
		t.Error(err)
	}
}

func TestDescribeNamesTheMessages(t *testing.T) {
	out, err := uitest.Call("describe", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"messages", "greet.guests", "greet.plain", "greet.missing"} {
		if !strings.Contains(string(out.Output), key) {
			t.Errorf("%s is not described", key)
		}
	}
}
