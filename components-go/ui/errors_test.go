package ui_test

import (
	"strings"
	"testing"

	"protium.dev/components/ui"
	"protium.dev/components/ui/uitest"
)

// wrong is a component whose Render is a function of the test.
type wrong struct {
	render func(*wrong) ui.Node
	on     bool
}

func (c *wrong) Bind(b *ui.Binder) {
	b.Prop("on").Bool(&c.on)
	b.On("Known", func(ui.Event) {})
	b.On("Asks", func(ui.Event) {
		ui.Fetch(ui.Request{URL: "/x", Then: "Missing"})
	})
	b.On("Waits", func(ui.Event) { ui.Timer(1, "Missing") })
	b.On("Watches", func(ui.Event) { ui.ObserveOnce("x", "Missing") })
	b.On("Paints", func(ui.Event) { ui.AfterPaint("Missing") })
	b.On("Calls", func(ui.Event) { ui.CallScript(ui.Script{Name: "x", Then: "Missing"}) })
}

func (c *wrong) Render() ui.Node { return c.render(c) }

var rendersWrong func(*wrong) ui.Node

func init() {
	ui.Register("wrong", func() ui.Component { return &wrong{render: rendersWrong} })
	ui.Register(
		"wrong-slot",
		func() ui.Component { return &wrong{render: rendersWrong} },
		ui.HasSlot(),
	)
}

var outside = ui.Span(ui.Text("made when the program starts"))

func TestMistakesAreNamedInPlainWords(t *testing.T) {
	rows := []int64{1, 2, 1}
	key := func(n *int64) int64 { return *n }
	cases := []struct {
		name   string
		says   string
		render func(c *wrong) ui.Node
	}{
		{
			"nothing as root",
			"a block must be one element: this one is nothing",
			func(*wrong) ui.Node { return 0 },
		},
		{
			"text as root",
			"a block must be one element: this one is text",
			func(*wrong) ui.Node { return ui.Text("x") },
		},
		{"changing text as root", "this one is text", func(*wrong) ui.Node { return ui.Str("x") }},
		{
			"a fragment as root",
			"this one is a fragment. Put an element around it",
			func(*wrong) ui.Node { return ui.Fragment(ui.P(), ui.P()) },
		},
		{
			"a condition as root",
			"this one is a condition or a nested component",
			func(*wrong) ui.Node { return ui.If(true, func() ui.Node { return ui.P() }) },
		},
		{"a list as root", "this one is a list", func(*wrong) ui.Node {
			return ui.Each(rows[:1], key, func(*int64) ui.Node { return ui.P() })
		}},
		{
			"an attribute as root",
			"this one is an attribute",
			func(*wrong) ui.Node { return ui.Class("x") },
		},
		{"text in a condition", "this one is text", func(*wrong) ui.Node {
			return ui.P(ui.If(true, func() ui.Node { return ui.Text("x") }))
		}},
		{"attribute behind content", "at .0 (<p>): attributes come before content", func(*wrong) ui.Node {
			return ui.Div(ui.P(ui.Text("x"), ui.Class("late")))
		}},
		{
			"attribute in a fragment",
			"attributes come before content",
			func(*wrong) ui.Node { return ui.P(ui.Fragment(ui.Class("x"))) },
		},
		{
			"a script attribute",
			"the attribute onclick would be a script: use ui.On",
			func(*wrong) ui.Node { return ui.P(ui.Attr("onclick", "x()")) },
		},
		{
			"a changing script attribute",
			"the attribute OnClick would be a script",
			func(*wrong) ui.Node { return ui.P(ui.AttrStr("OnClick", "x()")) },
		},
		{
			"srcdoc",
			"the attribute srcdoc is refused",
			func(*wrong) ui.Node { return ui.P(ui.Attr("srcdoc", "x")) },
		},
		{
			"an attribute twice",
			"the attribute or class title is given twice",
			func(*wrong) ui.Node { return ui.P(ui.Attr("title", "a"), ui.AttrStr("title", "b")) },
		},
		{
			"a class twice",
			"the attribute or class on is given twice",
			func(*wrong) ui.Node { return ui.P(ui.ClassIf("on", true), ui.ClassIf("on", false)) },
		},
		{
			"class as attribute",
			"classes are ui.Class and ui.ClassIf",
			func(*wrong) ui.Node { return ui.P(ui.Attr("class", "a")) },
		},
		{
			"two classes to toggle",
			`ui.ClassIf takes one class, not "a b"`,
			func(*wrong) ui.Node { return ui.P(ui.ClassIf("a b", true)) },
		},
		{
			"the kit's attributes",
			"attributes that begin with data-go- are the kit's own",
			func(*wrong) ui.Node { return ui.P(ui.Attr("data-go-id", "a")) },
		},
		{
			"not a name",
			`"a b" is not the name of an attribute`,
			func(*wrong) ui.Node { return ui.P(ui.Attr("a b", "")) },
		},
		{
			"a value as attribute",
			"a changing value is ui.Value",
			func(*wrong) ui.Node { return ui.Input(ui.AttrStr("value", "x")) },
		},
		{
			"a choice as attribute",
			"a changing choice is ui.Checked",
			func(*wrong) ui.Node { return ui.Input(ui.BoolAttr("checked", true)) },
		},
		{
			"a property as attribute",
			"a changing open is ui.BoolProp",
			func(*wrong) ui.Node { return ui.Details(ui.BoolAttr("open", true)) },
		},
		{
			"a property of another element",
			"not open of <p>",
			func(*wrong) ui.Node { return ui.P(ui.BoolProp("open", true)) },
		},
		{
			"a property without an attribute",
			"not indeterminate of <input>",
			func(*wrong) ui.Node { return ui.Input(ui.BoolProp("indeterminate", true)) },
		},
		{
			"a value of something else",
			"ui.Value is for an input, a select or a textarea",
			func(*wrong) ui.Node { return ui.P(ui.Value("x")) },
		},
		{
			"text in a textarea",
			"a textarea's text is its ui.Value",
			func(*wrong) ui.Node { return ui.Textarea(ui.Text("x")) },
		},
		{
			"content in an image",
			"at the root (<img>): this element has no content",
			func(*wrong) ui.Node { return ui.Img(ui.Text("x")) },
		},
		{
			"a script element",
			"a component cannot make this element",
			func(*wrong) ui.Node { return ui.El("script") },
		},
		{
			"not an element",
			"this is not the name of an element",
			func(*wrong) ui.Node { return ui.El("a b") },
		},
		{
			"markup beside others",
			"ui.UnsafeHTML must be the whole content of its element",
			func(*wrong) ui.Node { return ui.P(ui.Text("x"), ui.UnsafeHTML("y")) },
		},
		{
			"an unknown handler",
			`there is no handler Missing: add b.On("Missing", …) to Bind`,
			func(*wrong) ui.Node { return ui.P(ui.On("click", "Missing")) },
		},
		{
			"an event that is none",
			"ui.On takes an event and the name of a handler",
			func(*wrong) ui.Node { return ui.P(ui.On("click x", "Known")) },
		},
		{
			"both ways to prevent",
			"an element has ui.Prevent or ui.PreventIf, not both",
			func(*wrong) ui.Node {
				return ui.P(ui.Prevent("submit"), ui.PreventIf("keydown:Enter", true))
			},
		},
		{
			"a slot that is not announced",
			"is registered with ui.HasSlot()",
			func(*wrong) ui.Node { return ui.P(ui.Slot()) },
		},
		{"a node in two places", "a node is used in two places", func(*wrong) ui.Node {
			n := ui.Span()
			return ui.P(n, n)
		}},
		{
			"a value before its place",
			"a changing value was made before or after its place",
			func(*wrong) ui.Node {
				a, b := ui.Str("a"), ui.Str("b")
				return ui.P(b, a)
			},
		},
		{
			"a value without a place",
			"a changing value was made but not put into an element",
			func(*wrong) ui.Node {
				ui.Str("lost")
				return ui.P()
			},
		},
		{
			"a node of the program",
			"a node was made outside of this Render",
			func(*wrong) ui.Node { return ui.P(outside) },
		},
		{"a key twice", "two rows of a list have the key 1", func(*wrong) ui.Node {
			return ui.P(ui.Each(rows, key, func(*int64) ui.Node { return ui.Span() }))
		}},
		{"an effect in Render", "ui.Announce can be called in a handler only", func(*wrong) ui.Node {
			ui.Announce("x")
			return ui.P()
		}},
	}
	for _, c := range cases {
		rendersWrong = c.render
		_, err := uitest.Render(uitest.Setup{Islands: []uitest.Island{{Name: "wrong"}}})
		if err == nil || !strings.Contains(err.Error(), c.says) ||
			!strings.HasPrefix(err.Error(), "component wrong: ") {
			t.Errorf("%s says %v", c.name, err)
		}
	}
}

func TestSlotsAreWhereTheServerFindsThem(t *testing.T) {
	cases := map[string]func(*wrong) ui.Node{
		"at most one ui.Slot": func(*wrong) ui.Node { return ui.P(ui.Slot(), ui.Slot()) },
		"not in a condition": func(*wrong) ui.Node {
			return ui.P(ui.If(true, func() ui.Node { return ui.P(ui.Slot()) }))
		},
	}
	for says, render := range cases {
		rendersWrong = render
		_, err := uitest.Render(uitest.Setup{Islands: []uitest.Island{{Name: "wrong-slot"}}})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", says, err)
		}
	}
}

// A mistake that does not happen in every render is found on a known shape too.
func TestAMistakeIsFoundOnAKnownShape(t *testing.T) {
	rendersWrong = func(c *wrong) ui.Node {
		a, b := ui.Str("a"), ui.Str("b")
		if c.on {
			return ui.P(b, a)
		}
		return ui.P(a, b)
	}
	_, err := uitest.Render(
		uitest.Setup{Islands: []uitest.Island{{Name: "wrong"}, {Name: "wrong", Props: `{"on":true}`}}},
	)
	if err == nil || !strings.Contains(err.Error(), "made before or after its place") {
		t.Error(err)
	}
}

func TestHandlersThatAnswersGoToMustExist(t *testing.T) {
	for _, handler := range []string{"Asks", "Waits", "Watches", "Paints", "Calls"} {
		rendersWrong = func(*wrong) ui.Node { return ui.Button(ui.On("click", "Known")) }
		uitest.Open(t, uitest.Setup{Islands: []uitest.Island{{Name: "wrong"}}})
		_, err := uitest.Call("event", `{"h":1,"on":"`+handler+`","type":"click","v":{}}`)
		if err == nil || !strings.Contains(err.Error(), "there is no handler Missing") {
			t.Error(err)
		}
	}
}

func TestCallsRefuseWhatTheyDoNotKnow(t *testing.T) {
	rendersWrong = func(*wrong) ui.Node { return ui.Button(ui.On("click", "Known"), ui.Text("x")) }
	uitest.Open(t, uitest.Setup{Islands: []uitest.Island{{Name: "wrong"}}})
	for says, call := range map[string][2]string{
		"there is no component named nobody": {
			"render", `{"islands":[{"c":"nobody","id":"nobody-1","p":{}}]}`,
		},
		"there is no list of islands": {"render", `{}`},
		"hydrate: there is no component": {
			"hydrate", `{"islands":[{"c":"nobody","id":"nobody-1","p":{}}]}`,
		},
		"cannot continue another":                  {"hydrate", `{"saved":"x"}`},
		"warm: there is no component named nobody": {"warm", `{"components":["nobody"]}`},
		"no block with the handle 9": {
			"event", `{"h":9,"on":"Known","type":"click","v":{}}`,
		},
		"no block with the handle -1": {
			"event", `{"h":-1,"on":"Known","type":"click","v":{}}`,
		},
		"no block with the handle 4294967297": {
			"event", `{"h":4294967297,"on":"Known","type":"click","v":{}}`,
		},
		"no handler Nothing": {
			"message", `{"h":1,"on":"Nothing","type":"timer","v":{}}`,
		},
		"unmount: there is no island": {"unmount", `{"h":7}`},
	} {
		_, err := uitest.Call(call[0], call[1])
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s %s: %v", call[0], call[1], err)
		}
	}
}

func TestOnlyWhatWasSavedIsContinued(t *testing.T) {
	rendersWrong = func(*wrong) ui.Node { return ui.P() }
	uitest.HTML(t, "wrong", "{}") // a new instance
	if _, err := uitest.Call("hydrate", `{"saved":"x"}`); err == nil ||
		!strings.Contains(err.Error(), "not what an instance of this module saved") {
		t.Error(err)
	}
}
