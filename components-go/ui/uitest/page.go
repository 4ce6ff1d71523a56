// Package uitest tests components without a browser: it renders them as the server does, hydrates
// them as the browser does, and applies their patches to a small model of the DOM.
//
//	counter := uitest.Island{Name: "counter", Props: `{"start": 41}`}
//	page := uitest.Open(t, uitest.Setup{Islands: []uitest.Island{counter}})
//	page.Click("button")
//	if got := page.Text("span"); got != "42" { … }
package uitest

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"

	"protium.dev/components/ui/internal/bridge"
)

// Setup describes a page.
type Setup struct {
	Ctx     string // JSON; empty: English and euros
	Stores  string // JSON
	Islands []Island
}

// Island is a component of the page. Its id is NAME-N unless one is given.
type Island struct {
	Name    string
	Props   string // JSON
	ID      string
	Hydrate string
}

// Rendered is an island as the server rendered it.
type Rendered struct {
	HTML   string
	Digest string
	Acts   bool // it has handlers or changing slots
	Slot   int  // offset of the slot's content in HTML; -1 without
	Path   bool // it asked for the path of the page
	Time   bool // it asked for the time of the page
}

// English is a context for tests.
const English = `{"locale":"en-IE","lang":"en","dir":"ltr","currency":"EUR",
	"path":"/","time":1795348800000,"dev":false,
	"table":{"decimal":".","group":",","minus":"-","primary":3,"secondary":3,"symbol":"€","digits":2,
	"money":"{s}{n}","money_neg":"-{s}{n}",
	"months":["January","February","March","April","May","June",
		"July","August","September","October","November","December"],
	"months_short":["Jan","Feb","Mar","Apr","May","Jun","Jul","Aug","Sep","Oct","Nov","Dec"],
	"days":["Sunday","Monday","Tuesday","Wednesday","Thursday","Friday","Saturday"],
	"days_short":["Sun","Mon","Tue","Wed","Thu","Fri","Sat"],
	"date_short":"dd/MM/y","date_medium":"d MMM y","date_long":"EEEE d MMMM y","plural":"one_other"}}`

func (s *Setup) complete() {
	if s.Ctx == "" {
		s.Ctx = English
	}
	s.addMessages()
	if s.Stores == "" {
		s.Stores = "{}"
	}
	seen := map[string]int{}
	for i := range s.Islands {
		is := &s.Islands[i]
		seen[is.Name]++
		if is.ID == "" {
			is.ID = is.Name + "-" + strconv.Itoa(seen[is.Name])
		}
		if is.Props == "" {
			is.Props = "{}"
		}
	}
}

func (s *Setup) message(digests []string) (string, error) {
	var islands []string
	for i, is := range s.Islands {
		text := fmt.Sprintf(`{"c":%q,"id":%q,"p":%s,"h":%q`, is.Name, is.ID, is.Props, is.Hydrate)
		if digests != nil {
			text += `,"d":"` + digests[i] + `"`
		}
		islands = append(islands, text+"}")
	}
	text := fmt.Sprintf(
		`{"ctx":%s,"stores":%s,"islands":[%s]}`,
		s.Ctx,
		s.Stores,
		strings.Join(islands, ","),
	)
	if !json.Valid([]byte(text)) {
		return "", fmt.Errorf("this is not JSON: %s", text)
	}
	return text, nil
}

// Call makes one of the kit's calls. A component that fails gives its message as error.
func Call(name, message string) (out bridge.Output, err error) {
	in := []byte(nil)
	if message != "" {
		if in, err = Encode(message); err != nil {
			return out, err
		}
	}
	return callRaw(name, in)
}

func callRaw(name string, in []byte) (out bridge.Output, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	out = bridge.Call(name, in)
	if out.Code != 0 {
		err = fmt.Errorf("%s", out.Error)
	}
	return out, err
}

// Render renders islands as the server does, in a new instance.
func Render(s Setup) ([]Rendered, error) {
	bridge.Reset()
	return renderHere(s)
}

func renderHere(s Setup) ([]Rendered, error) {
	s.complete()
	message, err := s.message(nil)
	if err != nil {
		return nil, err
	}
	out, err := Call("render", message)
	if err != nil {
		return nil, err
	}
	var all []Rendered
	for i := range out.Finished {
		r := out.Results[8*i:]
		one := Rendered{HTML: string(out.Output[r[0] : r[0]+r[1]]), Slot: -1}
		one.Acts, one.Path, one.Time = r[5]&1 != 0, r[5]&2 == 0, r[5]&4 == 0
		one.Digest = fmt.Sprintf("%016x", uint64(r[3])<<32|uint64(r[2]))
		if r[4] != 0xFFFFFFFF {
			one.Slot = int(r[4] - r[0])
		}
		all = append(all, one)
	}
	return all, nil
}

// HTML renders one component as the server does, in English.
func HTML(t testing.TB, name, props string) string {
	t.Helper()
	all, err := Render(Setup{Islands: []Island{{Name: name, Props: props}}})
	if err != nil {
		t.Fatal(err)
	}
	return all[0].HTML
}

// Page is a page whose islands are hydrated.
type Page struct {
	t       testing.TB
	setup   Setup
	root    *node
	shapes  map[uint32]*shape
	blocks  map[uint32]*block
	roots   map[string]uint32
	flags   map[string]uint32
	effects []Effect
	writes  int

	trapping bool
	trapped  error
}

// Effect is what a handler asked the browser to do.
type Effect struct {
	Kind   string // one of the values of effectKinds
	Texts  []string
	target uint32
}

var effectKinds = map[uint32]string{
	1: "fetch", 2: "timer", 3: "navigate", 4: "focus", 5: "announce", 6: "key", 7: "dialog",
	8: "observe", 9: "call", 10: "paint", 11: "persist", 100: "report",
}

// Open renders islands in one instance and hydrates them in another. A difference between the two
// fails the test.
func Open(t testing.TB, s Setup) *Page {
	t.Helper()
	s.complete()
	rendered, err := Render(s)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	var digests []string
	for _, r := range rendered {
		text.WriteString(r.HTML)
		digests = append(digests, r.Digest)
	}
	p := &Page{
		t:      t,
		setup:  s,
		root:   parse(text.String()),
		shapes: map[uint32]*shape{},
		blocks: map[uint32]*block{},
		roots:  map[string]uint32{},
		flags:  map[string]uint32{},
	}
	message, err := s.message(digests)
	if err != nil {
		t.Fatal(err)
	}
	bridge.Reset()
	p.call("hydrate", message)
	for _, e := range p.Effects() {
		if e.Kind == "timer" && e.Texts[1] == "Hydrated" {
			p.Elapse(e)
		}
	}
	return p
}

func (p *Page) call(name, message string) {
	p.t.Helper()
	out, err := Call(name, message)
	if p.trapping {
		p.trapped = err
		return
	}
	if err != nil {
		p.t.Fatalf("%s: %v", name, err)
	}
	p.apply(out.Words, out.Text)
}

// HTML is the page: without comments and the kit's own attributes, attributes sorted by name,
// controls with their current values.
func (p *Page) HTML() string {
	var b strings.Builder
	p.root.canonical(&b)
	return b.String()
}

// Canonical brings HTML of the server into the form of Page.HTML.
func Canonical(html string) string {
	var b strings.Builder
	parse(html).canonical(&b)
	return b.String()
}

// Text is the text of the first element that matches the selector.
func (p *Page) Text(selector string) string { return p.first(selector).content() }

// All is the text of each element that matches the selector.
func (p *Page) All(selector string) []string {
	var texts []string
	for _, n := range p.root.find(selector) {
		texts = append(texts, n.content())
	}
	return texts
}

// Attr is an attribute of the first element that matches the selector.
func (p *Page) Attr(selector, name string) (value string, present bool) {
	value, present = p.first(selector).attrs[name]
	return value, present
}

// Count is the number of elements that match the selector.
func (p *Page) Count(selector string) int { return len(p.root.find(selector)) }

func (p *Page) first(selector string) *node {
	p.t.Helper()
	all := p.root.find(selector)
	if len(all) == 0 {
		p.t.Fatalf("there is no %s in %s", selector, p.HTML())
	}
	return all[0]
}

// Click clicks on the first element that matches the selector.
func (p *Page) Click(selector string) { p.t.Helper(); p.Fire("click", selector, "") }

// Input types a text into a control.
func (p *Page) Input(selector, text string) { p.t.Helper(); p.InputWith(selector, text, "") }

// InputWith is Input with more event fields, as in FireWith.
func (p *Page) InputWith(selector, text, more string) {
	p.t.Helper()
	p.first(selector).value = text
	p.fire("input", selector, p.fields(more))
}

// Check turns a checkbox or a radio button on or off, and then shows what its component set.
func (p *Page) Check(selector string, on bool) {
	p.t.Helper()
	n := p.first(selector)
	n.checked = on
	if on && n.attrs["type"] == "radio" {
		p.root.each(func(other *node) {
			if other != n && other.attrs["type"] == "radio" && other.attrs["name"] == n.attrs["name"] {
				other.checked = false
			}
		})
	}
	p.fire("change", selector, nil)
	p.show(n)
}

// Change writes a text into a control and leaves it, or chooses the option of a select with this
// value. Then the control shows what its component set.
func (p *Page) Change(selector, text string) {
	p.t.Helper()
	n := p.first(selector)
	if n.tag == "select" {
		n.choose(text)
	} else {
		n.value = text
	}
	p.fire("change", selector, nil)
	p.show(n)
}

// show resets a control to what its component set, if a handler receives its changes.
func (p *Page) show(n *node) {
	if p.decides(n, kindValue) {
		if n.tag == "select" {
			n.choose(n.set)
		} else {
			n.value = n.set
		}
	}
	shown := []*node{n}
	if n.tag == "select" {
		shown = n.options()
	} else if n.attrs["type"] == "radio" {
		p.root.each(func(other *node) {
			if other.attrs["type"] == "radio" && other.attrs["name"] == n.attrs["name"] {
				shown = append(shown, other)
			}
		})
	}
	for _, s := range shown {
		if p.decides(s, kindChecked) {
			s.checked = s.on
		}
	}
}

func (p *Page) decides(n *node, kind uint32) bool {
	heard := strings.Contains(n.attrs["data-go-on"], "click:")
	for at := n; at != nil && !heard; at = at.parent {
		heard = strings.Contains(at.attrs["data-go-on"], "input:") ||
			strings.Contains(at.attrs["data-go-on"], "change:")
	}
	if !heard {
		return false
	}
	for _, b := range p.blocks {
		for i := range b.shape.slots {
			if s := &b.shape.slots[i]; s.kind == kind && b.byPath[s.path] == n {
				return true
			}
		}
	}
	return false
}

// Press presses a key in an element.
func (p *Page) Press(selector, key string) { p.t.Helper(); p.Fire("keydown", selector, key) }

// Submit submits a form.
func (p *Page) Submit(selector string) { p.t.Helper(); p.Fire("submit", selector, "") }

// Fire dispatches an event to the handlers of the element and those around it. There must be one.
func (p *Page) Fire(event, selector, key string) {
	p.t.Helper()
	more := map[string]any{}
	if key != "" {
		more["key"] = key
	}
	if !p.fire(event, selector, more) {
		p.t.Fatalf("nothing is called by %s on %s", event, selector)
	}
}

// FireWith is Fire with more event fields, in the protocol's JSON: {"mods":8} or
// {"pointer":{"x":10}}.
func (p *Page) FireWith(event, selector, more string) {
	p.t.Helper()
	if !p.fire(event, selector, p.fields(more)) {
		p.t.Fatalf("nothing is called by %s on %s", event, selector)
	}
}

func (p *Page) fields(more string) (fields map[string]any) {
	p.t.Helper()
	if more != "" {
		if err := json.Unmarshal([]byte(more), &fields); err != nil {
			p.t.Fatal(err)
		}
	}
	return fields
}

// Toggle opens or closes a details element.
func (p *Page) Toggle(selector string, open bool) {
	p.t.Helper()
	n := p.first(selector)
	delete(n.attrs, "open")
	if open {
		n.attrs["open"] = ""
	}
	p.fire("toggle", selector, nil)
}

// Events that do not bubble.
var nonBubbling = map[string]bool{
	"toggle": true, "close": true, "cancel": true, "focus": true, "blur": true, "load": true,
	"error": true, "mouseenter": true, "mouseleave": true, "pointerenter": true,
	"pointerleave": true, "play": true, "pause": true, "volumechange": true,
}

func (p *Page) fire(event, selector string, more map[string]any) (called bool) {
	p.t.Helper()
	target := p.first(selector)
	for n := target; n != nil && (n == target || !nonBubbling[event]); n = n.parent {
		for _, pair := range strings.Fields(n.attrs["data-go-on"]) {
			on, handler, _ := strings.Cut(pair, ":")
			if on != event {
				continue
			}
			called = true
			v := p.eventValue(event, target, n)
			maps.Copy(v, more)
			p.send("event", p.handleOf(n), handler, event, v)
		}
	}
	return called
}

// handleOf gives the block that contains an element.
func (p *Page) handleOf(n *node) uint32 {
	for ; n != nil; n = n.parent {
		for handle, b := range p.blocks {
			if b.root == n {
				return handle
			}
		}
	}
	return 0
}

func (p *Page) eventValue(event string, target, at *node) map[string]any {
	v := map[string]any{}
	for _, n := range []*node{at, target} {
		switch n.tag {
		case "input", "select", "textarea":
			v["value"], v["checked"] = n.shown(), n.checked
		case "details", "dialog":
			_, v["open"] = n.attrs["open"]
		}
	}
	for form := target; form != nil; form = form.parent {
		if form.tag != "form" || event != "submit" && event != "change" {
			continue
		}
		fields := map[string]any{}
		form.each(func(n *node) {
			if name := n.attrs["name"]; name != "" && (n.attrs["type"] != "checkbox" || n.checked) &&
				n.tag != "button" {
				fields[name] = n.shown()
			}
		})
		v["form"] = fields
		break
	}
	return v
}

func (p *Page) send(call string, handle uint32, on, kind string, v any) {
	p.t.Helper()
	text, err := json.Marshal(map[string]any{"h": handle, "on": on, "type": kind, "v": v})
	if err != nil {
		p.t.Fatal(err)
	}
	p.call(call, string(text))
}

// Do calls a handler of an island, as a script does with goCall.
func (p *Page) Do(id, handler string, args ...any) {
	p.t.Helper()
	if args == nil {
		args = []any{}
	}
	p.send("event", p.roots[id], handler, "call", map[string]any{"args": args})
}

// Message sends a message for the whole page, as the runtime does.
func (p *Page) Message(kind, handler string) {
	p.t.Helper()
	p.send("message", 0, handler, kind, map[string]any{})
}

// Resume sends the message that the page is shown again.
func (p *Page) Resume() { p.t.Helper(); p.send("message", 0, "Resume", "resume", map[string]any{}) }

// Leave sends the message that the page is hidden or left.
func (p *Page) Leave() { p.t.Helper(); p.send("message", 0, "Leave", "leave", map[string]any{}) }

// Effects returns the effects since its last call.
func (p *Page) Effects() []Effect {
	e := p.effects
	p.effects = nil
	return e
}

// Answer is the server's answer to a fetch: a status (0: the network failed) and the declared
// fields as JSON.
func (p *Page) Answer(e Effect, status int, data string) {
	p.t.Helper()
	if data == "" {
		data = "{}"
	}
	if e.Texts[3] != "" && e.target != 0 {
		p.send(
			"message",
			e.target,
			e.Texts[3],
			"fetch",
			map[string]any{
				"ok":     status >= 200 && status < 300,
				"status": status,
				"data":   json.RawMessage(data),
			},
		)
	}
}

// Elapse lets a timer's time pass.
func (p *Page) Elapse(e Effect) {
	p.t.Helper()
	p.send("message", e.target, e.Texts[1], "timer", map[string]any{})
}

// Observed answers an observe effect: whether the element is in view.
func (p *Page) Observed(e Effect, visible bool) {
	p.t.Helper()
	if e.target != 0 {
		p.send("message", e.target, e.Texts[1], "observe", map[string]any{"visible": visible})
	}
}

// Painted answers a paint effect.
func (p *Page) Painted(e Effect) {
	p.t.Helper()
	p.send("message", e.target, e.Texts[0], "paint", map[string]any{})
}

// Returned answers a call effect: whether the page's function did not fail, and the declared fields
// of what it returned, as JSON.
func (p *Page) Returned(e Effect, ok bool, data string) {
	p.t.Helper()
	if data == "" {
		data = "{}"
	}
	if e.Texts[2] != "" && e.target != 0 {
		p.send("message", e.target, e.Texts[2], "answer",
			map[string]any{"ok": ok, "data": json.RawMessage(data)})
	}
}

// Persisted gives an island the state that an earlier page stored: version and state of its persist
// effect.
func (p *Page) Persisted(id, version, state string) {
	p.t.Helper()
	p.send("message", p.roots[id], "", "persisted",
		map[string]any{"version": version, "state": json.RawMessage(state)})
}

// Tell sends the kit a message for one island.
func (p *Page) Tell(id, kind string) {
	p.t.Helper()
	p.send("message", p.roots[id], "", kind, map[string]any{})
}

// showDialog carries out a dialog effect.
func (p *Page) showDialog(e Effect) {
	if e.Kind != "dialog" {
		return
	}
	for _, n := range p.root.find("dialog") {
		if n.attrs["data-go-ref"] == e.Texts[0] {
			delete(n.attrs, "open")
			if e.Texts[1] != "close" {
				n.attrs["open"] = ""
			}
		}
	}
}

// Trap drops the instance and continues with a new one from the saved state, as a page does after a
// trap.
func (p *Page) Trap() {
	p.t.Helper()
	p.restore(p.save())
}

// FireTrap dispatches an event whose handler must fail; the page then continues from the state
// saved before it.
func (p *Page) FireTrap(event, selector string) {
	p.t.Helper()
	saved := p.save()
	p.trapped = nil
	p.trapping = true
	p.Fire(event, selector, "")
	p.trapping = false
	if p.trapped == nil {
		p.t.Fatalf("%s on %s does not trap", event, selector)
	}
	p.restore(saved)
}

func (p *Page) save() []byte {
	p.t.Helper()
	out, err := callRaw("save", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return append([]byte(nil), out.Output...)
}

func (p *Page) restore(saved []byte) {
	p.t.Helper()
	bridge.Reset()
	message := map[string]any{"ctx": json.RawMessage(p.setup.Ctx)}
	text, err := json.Marshal(message)
	if err != nil {
		p.t.Fatal(err)
	}
	in, err := Encode(string(text))
	if err != nil {
		p.t.Fatal(err)
	}
	body := append([]byte(nil), in[5:]...)
	body = append(append(body, 5, 0), "saved"...)
	body = appendTagged(body, tagText, saved)
	out, err := callRaw("hydrate", appendTagged(nil, tagRecord, body))
	if err != nil {
		p.t.Fatal(err)
	}
	p.apply(out.Words, out.Text)
}

// Writes counts the writes to the page (NEW, SET, MOVE and REMOVE) since its last call.
func (p *Page) Writes() int {
	n := p.writes
	p.writes = 0
	return n
}
