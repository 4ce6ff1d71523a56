package ui_test

import (
	"strings"
	"testing"

	"protium.dev/components/ui"
	"protium.dev/components/ui/uitest"
)

// The components "release" and "dropped" differ between two builds of the module.
var (
	newRelease = func() ui.Component { return &before{} }
	newDropped = func() ui.Component { return &step{} }
)

func init() {
	ui.Register("release", func() ui.Component { return newRelease() })
	ui.Register("dropped", func() ui.Component { return newDropped() })
}

// step is a nested component.
type step struct{ value int64 }

func (s *step) Bind(b *ui.Binder) {
	b.State("value").Int64(&s.value)
	b.On("More", func(ui.Event) { s.value++ })
}

func (s *step) Render() ui.Node { return ui.Button(ui.On("click", "More"), ui.Int(s.value)) }

// remark is a nested component that a later build has beside each step.
type remark struct{ text string }

func (n *remark) Bind(b *ui.Binder) {
	b.State("text").String(&n.text)
	b.On("Type", func(e ui.Event) { n.text = e.Value() })
}

func (n *remark) Render() ui.Node { return ui.Input(ui.Value(n.text), ui.On("input", "Type")) }

// title has no state.
type title struct{}

func (t *title) Bind(*ui.Binder) {}

func (t *title) Render() ui.Node { return ui.Em(ui.Text("title")) }

type before struct {
	count      int64
	name, gone string
	tags       []string
	steps      [3]step
}

func (c *before) Bind(b *ui.Binder) {
	b.State("count").Int64(&c.count)
	b.State("name").String(&c.name)
	b.State("gone").String(&c.gone)
	b.State("tags").Strings(&c.tags)
	b.On("Do", func(ui.Event) {
		c.count, c.name, c.gone, c.tags = 5, "Ann", "away", []string{"a", "b"}
	})
}

func (c *before) Render() ui.Node {
	return ui.Div(ui.P(ui.On("click", "Do"), ui.Str(c.name)),
		ui.Child(&title{}), ui.Child(&c.steps[0]), ui.Child(&c.steps[1]), ui.Child(&c.steps[2]))
}

type after struct {
	tags  []int64
	count int64
	name  bool
	added int64
	steps [2]step
	notes [2]remark
}

func (c *after) Init() { c.added, c.name, c.tags = 7, true, []int64{1} }

func (c *after) Bind(b *ui.Binder) {
	b.State("tags").Int64s(&c.tags)
	b.State("name").Bool(&c.name)
	b.State("count").Int64(&c.count)
	b.State("added").Int64(&c.added)
	b.On("Do", func(ui.Event) { c.count++ })
}

func (c *after) Render() ui.Node {
	return ui.Section(
		ui.P(ui.On("click", "Do"), ui.Int(c.count), ui.Text(" "), ui.Int(c.added), ui.Text(" "),
			ui.If(c.name, func() ui.Node { return ui.Strong(ui.Text("kept")) }), ui.Int(int64(len(c.tags)))),
		ui.Child(&c.notes[0]), ui.Child(&c.steps[0]), ui.Child(&c.notes[1]), ui.Child(&c.steps[1]))
}

func TestStateSurvivesABuildWhoseComponentsHaveOtherFields(t *testing.T) {
	newRelease = func() ui.Component { return &before{} }
	newDropped = func() ui.Component { return &step{} }
	page := uitest.Open(t, uitest.Setup{Islands: []uitest.Island{
		{Name: "release"}, {Name: "dropped"}, {Name: "release", ID: "release:second"},
	}})
	page.Click("p")
	page.Click("div button")
	page.Click("div button")
	page.Do("dropped-1", "More")

	newRelease = func() ui.Component { return &after{} }
	page.Trap()
	if got := page.Text("p"); got != "5 7 kept1" {
		t.Errorf(
			"a field that is new, or of another type, has its own value, the others what they had: %s",
			got,
		)
	}
	if got := strings.Join(page.All("section button"), " "); got != "2 0 0 0" {
		t.Errorf("the steps have %s", got)
	}
	page.Click("p")
	page.Input("input", "x")
	page.Click("section button")
	page.Trap()
	if got := page.Text("p") + " " + page.Text("section button"); got != "6 7 kept1 3" {
		t.Errorf("afterwards: %s", got)
	}
}
