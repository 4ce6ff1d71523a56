package ui_test

import (
	"strings"
	"testing"

	"protium.dev/components/ui"
	"protium.dev/components/ui/uitest"
)

type recent struct {
	seen   []string
	open   bool
	secret string
}

func (c *recent) Bind(b *ui.Binder) {
	b.State("seen").Strings(&c.seen)
	b.State("open").Bool(&c.open)
	b.State("secret").String(&c.secret)
	b.On("See", func(e ui.Event) { c.seen = append(c.seen, e.ArgText(0)) })
	b.On("Open", func(ui.Event) { c.open = true })
	b.On("Hide", func(ui.Event) { c.secret += "s" })
}

func (c *recent) Render() ui.Node {
	return ui.P(ui.BoolAttr("hidden", !c.open), ui.Str(strings.Join(c.seen, "+")), ui.Str(c.secret))
}

func init() {
	ui.Register("recent", func() ui.Component { return &recent{} },
		ui.Persist(ui.ThisBrowser, "seen", "open"))
}

const recentVersion = "recent:seen,open"

func openRecent(t *testing.T) *uitest.Page {
	t.Helper()
	return uitest.Open(t, uitest.Setup{Islands: []uitest.Island{{Name: "recent"}}})
}

func TestTheBrowserKeepsTheFieldsThatAreNamed(t *testing.T) {
	page := openRecent(t)
	page.Do("recent-1", "Hide")
	page.Effects()
	page.Do("recent-1", "Hide")
	if got := page.Effects(); len(got) != 0 {
		t.Errorf("a field that is not named is kept: %v", got)
	}
	page.Do("recent-1", "See", "a \"b\"\\\n\x00")
	got := page.Effects()
	want := `{"seen":["a \"b\"\\\u000A` + "\ufffd" + `"],"open":false}`
	if len(got) != 1 || got[0].Kind != "persist" ||
		strings.Join(got[0].Texts, "|") != "local|"+recentVersion+"|"+want {
		t.Fatalf("kept is %v", got)
	}

	next := openRecent(t)
	next.Persisted("recent-1", got[0].Texts[1], got[0].Texts[2])
	if got := next.Text("p"); got != "a \"b\"\\\n\ufffd" {
		t.Errorf("the next page shows %q", got)
	}
}

func TestWhatComesBackFromTheBrowserIsNotTrusted(t *testing.T) {
	cases := map[string]string{
		`{"seen":["x"],"open":false,"secret":"stolen"}`: "x",
		`{"seen":[1],"open":"yes"}`:                     "",
		`{"seen":"x","open":[]}`:                        "",
		`{"seen":{"0":"x"}}`:                            "",
		`[]`:                                            "",
		`null`:                                          "",
		`{}`:                                            "",
	}
	for state, want := range cases {
		page := openRecent(t)
		page.Persisted("recent-1", recentVersion, state)
		if got := page.Text("p"); got != want {
			t.Errorf("%s: the page shows %q", state, got)
		}
	}
	for _, version := range []string{"", "recent:seen", "recent:seen,open,secret", "other:seen,open"} {
		page := openRecent(t)
		page.Persisted("recent-1", version, `{"seen":["x"]}`)
		if got := page.Text("p"); got != "" {
			t.Errorf("version %q is read: %q", version, got)
		}
	}
}

func TestWhatIsTooLargeIsNotKept(t *testing.T) {
	page := openRecent(t)
	page.Do("recent-1", "See", "a")
	page.Effects()
	page.Do("recent-1", "See", strings.Repeat("x", 40_000))
	if got := page.Effects(); len(got) != 1 || got[0].Texts[2] != "" {
		t.Errorf("%.100v", got)
	}
}
