package uitest

import (
	"html"
	"sort"
	"strings"
)

// node is an element, a text or a comment of a small model of the DOM.
type node struct {
	tag     string // of an element
	text    string // of a text, or a comment
	comment bool
	attrs   map[string]string
	inner   []*node
	parent  *node
	value   string // of a control, as the user sees it
	checked bool
	set     string // the value that the component set
	on      bool   // whether the component checked it
	blank   bool   // of a select: none of its options has the value that was set
	raw     bool   // its text is HTML that is not parsed
}

var void = map[string]bool{
	"area":   true,
	"br":     true,
	"col":    true,
	"hr":     true,
	"img":    true,
	"input":  true,
	"link":   true,
	"meta":   true,
	"source": true,
	"track":  true,
	"wbr":    true,
}

// parse reads HTML as the kit writes it.
func parse(text string) *node {
	root := &node{tag: "#root"}
	at := root
	for text != "" {
		switch {
		case strings.HasPrefix(text, "<!--"):
			end := strings.Index(text, "-->")
			at.append(&node{comment: true, text: text[4:end]})
			text = text[end+3:]
		case strings.HasPrefix(text, "</"):
			text = text[strings.IndexByte(text, '>')+1:]
			at = at.parent
		case text[0] == '<':
			var n *node
			n, text = parseTag(text)
			at.append(n)
			if !void[n.tag] {
				at = n
			}
			switch n.tag {
			case "pre":
				text = strings.TrimPrefix(text, "\n")
			case "textarea":
				text = strings.TrimPrefix(text, "\n")
				end := strings.Index(text, "</textarea>")
				n.value = html.UnescapeString(text[:end])
				n.set = n.value
				text = text[end:]
			}
		default:
			end := strings.IndexByte(text, '<')
			if end < 0 {
				end = len(text)
			}
			at.append(&node{text: html.UnescapeString(text[:end])})
			text = text[end:]
		}
	}
	return root
}

func parseTag(text string) (*node, string) {
	end := strings.IndexAny(text, " >")
	n := &node{tag: text[1:end], attrs: map[string]string{}}
	text = text[end:]
	for text[0] == ' ' {
		end = strings.IndexAny(text[1:], " >=") + 1
		name := text[1:end]
		text = text[end:]
		value := ""
		if text[0] == '=' {
			end = strings.IndexByte(text[2:], '"') + 2
			value = html.UnescapeString(text[2:end])
			text = text[end+1:]
		}
		n.attrs[name] = value
	}
	n.value = n.attrs["value"]
	_, checked := n.attrs["checked"]
	_, selected := n.attrs["selected"]
	n.checked = checked || selected
	n.set, n.on = n.value, n.checked
	return n, text[1:]
}

// options are those of a select.
func (n *node) options() (found []*node) {
	n.each(func(o *node) {
		if o.tag == "option" {
			found = append(found, o)
		}
	})
	return found
}

// optionValue is an option's value: its text where it has none.
func (n *node) optionValue() string {
	if value, has := n.attrs["value"]; has {
		return value
	}
	return strings.Join(strings.Fields(n.content()), " ")
}

// choose selects the first option with that value.
func (n *node) choose(value string) {
	found := false
	for _, o := range n.options() {
		o.checked = !found && o.optionValue() == value
		found = found || o.checked
	}
	n.blank = !found
}

// has tells whether an option of a select has that value.
func (n *node) has(value string) bool {
	for _, o := range n.options() {
		if o.optionValue() == value {
			return true
		}
	}
	return false
}

// chosen is the option that a select shows: the last that is selected, else the first.
func (n *node) chosen() *node {
	options := n.options()
	for i := len(options) - 1; i >= 0; i-- {
		if options[i].checked {
			return options[i]
		}
	}
	if len(options) > 0 && !n.blank {
		return options[0]
	}
	return nil
}

// content is the value of a control, as in an event.
func (n *node) shown() string {
	if n.tag != "select" {
		return n.value
	}
	if o := n.chosen(); o != nil {
		return o.optionValue()
	}
	return ""
}

func (n *node) isText() bool { return n.tag == "" && !n.comment }

func (n *node) index() int {
	for i, c := range n.parent.inner {
		if c == n {
			return i
		}
	}
	panic("a node is not among its parent's")
}

func (n *node) append(c *node) { n.insert(len(n.inner), c) }

func (n *node) insert(at int, c *node) {
	c.remove()
	c.parent = n
	n.inner = append(n.inner, nil)
	copy(n.inner[at+1:], n.inner[at:])
	n.inner[at] = c
}

func (n *node) remove() {
	if n.parent != nil {
		at := n.index()
		n.parent.inner = append(n.parent.inner[:at:at], n.parent.inner[at+1:]...)
		n.parent = nil
	}
}

// each visits the elements of a tree.
func (n *node) each(visit func(*node)) {
	if n.tag != "" {
		visit(n)
	}
	for _, c := range n.inner {
		c.each(visit)
	}
}

// canonical writes a tree without the differences between the server's HTML and a hydrated page: no
// comments, no data-go- attributes, attributes sorted by name, controls with their current values.
func (n *node) canonical(b *strings.Builder) {
	switch {
	case n.comment:
	case n.raw:
		b.WriteString(n.text)
	case n.tag == "":
		b.WriteString(escape(n.text, false))
	default:
		if n.tag != "#root" {
			n.startTag(b)
		}
		for _, c := range n.inner {
			c.canonical(b)
		}
		if n.tag != "#root" && !void[n.tag] {
			b.WriteString("</" + n.tag + ">")
		}
	}
}

func (n *node) startTag(b *strings.Builder) {
	attrs := map[string]string{}
	for name, value := range n.attrs {
		if !strings.HasPrefix(name, "data-go-") {
			attrs[name] = value
		}
	}
	delete(attrs, "checked")
	delete(attrs, "selected")
	choice := n.attrs["type"] == "checkbox" || n.attrs["type"] == "radio"
	switch {
	case n.tag == "input" && !choice, n.tag == "textarea":
		attrs["value"] = n.value
	case n.tag == "select":
		delete(attrs, "value")
	}
	if n.tag == "option" {
		s := n.parent
		for s != nil && s.tag != "select" {
			s = s.parent
		}
		if s != nil && s.chosen() == n || s == nil && n.checked {
			attrs["selected"] = ""
		}
	} else if n.checked {
		attrs["checked"] = ""
	}
	names := make([]string, 0, len(attrs))
	for name := range attrs {
		names = append(names, name)
	}
	sort.Strings(names)
	b.WriteString("<" + n.tag)
	for _, name := range names {
		b.WriteString(" " + name + `="` + escape(attrs[name], true) + `"`)
	}
	b.WriteString(">")
}

func escape(s string, attribute bool) string {
	s = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
	if attribute {
		s = strings.ReplaceAll(s, `"`, "&quot;")
	}
	return s
}

// content is the text of a tree.
func (n *node) content() string {
	if n.isText() {
		return n.text
	}
	var b strings.Builder
	for _, c := range n.inner {
		if !c.comment {
			b.WriteString(c.content())
		}
	}
	return b.String()
}

// find gives the elements that match a selector, in document order: compounds of name, .class, #id
// and [attr="value"], separated by blanks.
func (n *node) find(selector string) []*node {
	parts := strings.Fields(selector)
	var found []*node
	n.each(func(e *node) {
		if e.matches(parts[len(parts)-1]) && e.parent.under(parts[:len(parts)-1]) {
			found = append(found, e)
		}
	})
	return found
}

func (n *node) under(parts []string) bool {
	if len(parts) == 0 {
		return true
	}
	for a := n; a != nil; a = a.parent {
		if a.matches(parts[len(parts)-1]) && a.parent.under(parts[:len(parts)-1]) {
			return true
		}
	}
	return false
}

func (n *node) matches(part string) bool {
	if n == nil || n.tag == "#root" {
		return false
	}
	for part != "" {
		end := strings.IndexAny(part[1:], ".#[") + 1
		if end == 0 {
			end = len(part)
		}
		word := part[:end]
		part = part[end:]
		switch word[0] {
		case '.':
			if !n.hasClass(word[1:]) {
				return false
			}
		case '#':
			if n.attrs["id"] != word[1:] {
				return false
			}
		case '[':
			name, value, given := strings.Cut(strings.TrimSuffix(word[1:], "]"), "=")
			is, has := n.attrs[name]
			if !has || given && is != strings.Trim(value, `"`) {
				return false
			}
		default:
			if word != n.tag {
				return false
			}
		}
	}
	return true
}

func (n *node) hasClass(class string) bool {
	for _, c := range strings.Fields(n.attrs["class"]) {
		if c == class {
			return true
		}
	}
	return false
}

func (n *node) setClass(class string, on bool) {
	var classes []string
	for _, c := range strings.Fields(n.attrs["class"]) {
		if c != class {
			classes = append(classes, c)
		}
	}
	if on {
		classes = append(classes, class)
	}
	n.attrs["class"] = strings.Join(classes, " ")
}
