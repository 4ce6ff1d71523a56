package ui

// builder makes a template from a recorded block.
type builder struct {
	rec   *recorder
	html  []byte
	live  programWriter
	bare  programWriter
	slots []slotInfo
	acts  bool
	seen  uint32 // slots met so far
	path  []byte
	// for error messages
	tag string
}

type programWriter struct {
	ops  program
	lead []byte
}

// What many places of the builder call is not inlined: size matters more than speed here, since a
// shape is recorded once and every browser downloads the module.
//
//go:noinline
func (w *programWriter) put(o op) {
	o.lead = string(w.lead)
	w.lead = w.lead[:0]
	w.ops = append(w.ops, o)
}

func buildTemplate(r *recorder, root *recNode, slots uint32) template {
	b := builder{rec: r}
	if root.kind != seedElement {
		fail(
			"a block must be one element: this one is " + describeKind(
				root.kind,
			) + ". Put an element around it",
		)
	}
	b.element(root)
	if b.seen != slots {
		fail("a changing value was made but not put into an element; create it in its parent's arguments")
	}
	b.live.put(op{code: opEnd})
	b.bare.put(op{code: opEnd})
	t := template{
		html:  string(b.html),
		slots: b.slots,
		live:  b.live.ops,
		bare:  b.bare.ops,
		acts:  b.acts,
	}
	t.digest = digestTemplate(&t)
	return t
}

func describeKind(kind uint8) string {
	switch kind {
	case seedFragment:
		return "a fragment"
	case seedText, seedStr, seedHTML:
		return "text"
	case seedBlock:
		return "a condition or a nested component"
	case seedList:
		return "a list"
	case seedSlot:
		return "the slot"
	}
	return "an attribute"
}

// static writes text of the shape; meta writes what islands with hydrate="none" leave out.
func (b *builder) static(s string) {
	b.meta(s)
	b.bare.lead = append(b.bare.lead, s...)
}

//go:noinline
func (b *builder) meta(s string) {
	b.html = append(b.html, s...)
	b.live.lead = append(b.live.lead, s...)
}

func (b *builder) op(o op) {
	b.live.put(o)
	b.bare.put(o)
}

// slot adds a slot, which must be the next on the tape.
//
//go:noinline
func (b *builder) slot(n *recNode, kind, anchor uint8, name string) {
	b.seen++
	if n.slot != b.seen {
		b.fail(
			"a changing value was made before or after its place; " +
				"create it in the arguments of its parent",
		)
	}
	if kind != kindSlot {
		b.acts = true
	}
	b.slots = append(b.slots, slotInfo{kind: kind, anchor: anchor, path: string(b.path), name: name})
}

func (b *builder) fail(text string) {
	where := string(b.path)
	if where == "" {
		where = "the root"
	}
	fail("at " + where + " (<" + b.tag + ">): " + text)
}

func (b *builder) element(n *recNode) {
	outer := b.tag
	b.tag = n.name
	checkElement(b, n.name)
	args := b.rec.childrenOf(n)
	attrs := 0
	for attrs < len(args) && (args[attrs] == 0 || isAttribute(b.rec.at(args[attrs]).kind)) {
		attrs++
	}
	items := b.content(nil, args[attrs:], len(b.path))

	b.static("<" + n.name)
	if len(b.path) == 0 || b.needsID(args[:attrs], items) {
		b.html = append(append(append(b.html, ` data-go-id="`...), b.path...), '"')
		b.live.lead = append(b.live.lead, ` data-go-id="`...)
		b.live.put(op{code: opScope})
		b.live.lead = append(append(b.live.lead, b.path...), '"')
	}
	area := b.attributes(n.name, args[:attrs], items)
	b.static(">")
	if isVoid(n.name) {
		if len(items) > 0 {
			b.fail("this element has no content")
		}
		b.tag = outer
		return
	}
	if n.name == "textarea" {
		if len(items) > 0 {
			b.fail("a textarea's text is its ui.Value")
		}
		if area.code == opArea {
			b.op(area)
		}
	}
	if n.name == "pre" {
		// The parser drops a line feed that comes first: this one, and none of the content.
		b.static("\n")
	}
	b.children(items)
	if n.name == "select" {
		b.op(op{code: opChosen})
	}
	b.static("</" + n.name + ">")
	b.tag = outer
}

// item is one piece of an element's content, fragments taken apart.
type item struct {
	node *recNode
	path string
}

func (b *builder) content(items []item, args []Node, base int) []item {
	path := b.path
	place := 0
	for _, a := range args {
		if a == 0 {
			continue
		}
		n := b.rec.at(a)
		if isAttribute(n.kind) {
			b.fail("attributes come before content")
		}
		path = append(append(path[:base], '.'), decimal(int64(place))...)
		place++
		if n.kind == seedFragment {
			b.path = path
			items = b.content(items, b.rec.childrenOf(n), len(path))
			path = b.path
		} else {
			items = append(items, item{n, string(path)})
		}
	}
	b.path = path[:base]
	return items
}

func (b *builder) needsID(attrs []Node, items []item) bool {
	for _, a := range attrs {
		if a == 0 {
			continue
		}
		if n := b.rec.at(a); n.slot != 0 || n.kind == seedOn {
			return true
		}
	}
	for i := range items {
		if kind := items[i].node.kind; kind != seedElement && kind != seedText && kind != seedSlot {
			return true
		}
	}
	return false
}

func (b *builder) children(items []item) {
	anchors := 0
	anchor := func() uint8 {
		if len(items) == 1 {
			return noAnchor
		}
		if anchors >= noAnchor {
			b.fail("more than 255 changing places in one element")
		}
		anchors++
		return uint8(anchors - 1)
	}
	own := len(b.path)
	for i := range items {
		n := items[i].node
		switch n.kind {
		case seedText:
			b.static(string(appendEscaped(nil, n.value, false)))
		case seedElement:
			b.path = append(b.path[:0], items[i].path...)
			b.element(n)
			b.path = b.path[:own]
		case seedStr:
			b.slot(n, kindText, anchor(), "")
			if len(items) > 1 {
				b.meta("<!--go-->")
			}
			b.op(op{code: opText, take: 1})
			if i+1 < len(items) && items[i+1].node.kind == seedText && items[i+1].node.value != "" {
				b.meta("<!--/-->")
			}
		case seedHTML:
			if len(items) > 1 {
				b.fail("ui.UnsafeHTML must be the whole content of its element")
			}
			b.slot(n, kindHTML, noAnchor, "")
			b.op(op{code: opRaw, take: 1})
		case seedBlock, seedList:
			kind, code := kindBlock, opBlock
			if n.kind == seedList {
				kind, code = kindList, opList
			}
			b.slot(n, kind, anchor(), items[i].path)
			b.op(op{code: code, name: items[i].path})
			if len(items) > 1 {
				b.meta("<!--go-->")
			}
		case seedSlot:
			b.path = append(b.path[:0], items[i].path...)
			checkSlot(b)
			b.slot(n, kindSlot, noAnchor, "")
			b.path = b.path[:own]
			b.static(`<go-slot style="display:contents">`)
			b.op(op{code: opSlot, take: 1})
			b.static("</go-slot>")
		}
	}
}

func isAttribute(kind uint8) bool { return kind >= seedAttr && kind <= seedRef }
