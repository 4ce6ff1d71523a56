package uitest

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// shape is a template of the patch buffer.
type shape struct {
	html  string
	slots []slot
}

type slot struct {
	kind, anchor uint32
	path, name   string
}

const (
	kindText = iota
	kindAttr
	kindBool
	kindClass
	kindValue
	kindChecked
	kindHTML
	kindBlock
	kindList
	kindSlot
	kindProp
)

// block is a block in the model.
type block struct {
	shape  *shape
	root   *node
	byPath map[string]*node
	inner  map[uint32]bool // handles
	outer  uint32
	scope  string
}

// reader decodes a patch buffer.
type reader struct {
	words []uint32
	text  []uint16
}

func (r *reader) word() uint32 {
	w := r.words[0]
	r.words = r.words[1:]
	return w
}

func (r *reader) string() (s string, present bool) {
	n := r.word()
	if n == 0xFFFFFFFF {
		return "", false
	}
	s = string(utf16.Decode(r.text[:n]))
	r.text = r.text[n:]
	return s, true
}

func (r *reader) must() string {
	s, _ := r.string()
	return s
}

// apply carries out a patch buffer.
func (p *Page) apply(words []uint32, text []byte) {
	r := &reader{words: words, text: utf16.Encode([]rune(string(text)))}
	island := ""
	for len(r.words) > 0 {
		switch op := r.word(); op {
		case 1:
			p.template(r)
		case 2:
			p.newBlocks(r, island)
		case 3:
			b := p.block(r.word())
			s := &b.shape.slots[r.word()]
			b.set(s, p.read(r, s))
			p.writes++
		case 4:
			b, before := p.block(r.word()), r.word()
			outer := p.block(b.outer)
			_, s := outer.placeOf(b)
			outer.place(p, b.root, s, before)
			p.writes++
		case 5:
			p.drop(r.word(), true)
			p.writes++
		case 6:
			parent, index := r.word(), r.word()
			p.clear(p.block(parent), index)
			p.writes++
		case 7:
			handle, flags := r.word(), r.word()
			island = r.must()
			p.flags[island] = flags
			if flags != 1 {
				p.t.Errorf("island %s: its digest differs from the server's", island)
			}
			p.roots[island] = handle
		case 8:
			p.replace(r.word(), r.word())
			island = ""
			p.writes++
		case 9:
			e := Effect{Kind: effectKinds[r.word()], target: r.word()}
			for range r.word() {
				e.Texts = append(e.Texts, r.must())
			}
			p.effects = append(p.effects, e)
			p.showDialog(e)
		default:
			p.t.Fatalf("there is no patch op %d", op)
		}
	}
	if len(r.text) > 0 {
		p.t.Fatalf("the patch left %d units of text", len(r.text))
	}
}

func (p *Page) block(handle uint32) *block {
	b := p.blocks[handle]
	if b == nil {
		p.t.Fatalf("the patch names handle %d, which is not there", handle)
	}
	return b
}

func (p *Page) template(r *reader) {
	id, count := r.word(), r.word()
	s := &shape{html: r.must()}
	for range count {
		kind := r.word()
		s.slots = append(s.slots, slot{kind & 255, kind >> 8, r.must(), r.must()})
	}
	p.shapes[id] = s
}

// newBlocks makes blocks, or finds them in the page while an island is hydrated.
func (p *Page) newBlocks(r *reader, island string) {
	sh := p.shapes[r.word()]
	count, parent, index, before, keyed := r.word(), r.word(), r.word(), r.word(), r.word()
	adopting := island != "" && (parent == 0 || p.block(parent).scope != "")
	for range count {
		handle := r.word()
		key := ""
		if keyed == 1 {
			key = ":" + r.must()
			if parent == 0 || p.block(parent).shape.slots[index].kind != kindList {
				p.t.Fatalf("a block that is no row has a key")
			}
		}
		if p.blocks[handle] != nil {
			p.t.Fatalf("handle %d is taken", handle)
		}
		b := &block{shape: sh, byPath: map[string]*node{}, inner: map[uint32]bool{}, outer: parent}
		if adopting {
			b.scope = island
			if parent != 0 {
				outer := p.block(parent)
				b.scope = outer.scope + outer.shape.slots[index].name + key
			}
			p.adopt(b)
		} else {
			b.make()
		}
		p.blocks[handle] = b
		if parent != 0 {
			p.block(parent).inner[handle] = true
		}
		for i := range sh.slots {
			s := &sh.slots[i]
			if s.kind >= kindBlock && s.kind <= kindSlot {
				continue
			}
			v := p.read(r, s)
			if !adopting {
				b.set(s, v)
				continue
			}
			e := b.byPath[s.path]
			switch s.kind {
			case kindValue:
				e.set = v.text
			case kindChecked:
				e.on = v.on
			}
			// A select whose value none of its options has shows the first one.
			if was := b.get(s); was != v && (s.kind != kindValue || e.tag != "select" || e.has(v.text)) {
				p.t.Errorf("%s slot %d: the server wrote %v, the browser has %v", b.scope, i, was, v)
			}
		}
		if !adopting && parent != 0 {
			outer := p.block(parent)
			outer.place(p, b.root, &outer.shape.slots[index], before)
		}
	}
}

func (p *Page) adopt(b *block) {
	p.root.each(func(n *node) {
		id, has := n.attrs["data-go-id"]
		if path, ok := strings.CutPrefix(id, b.scope); has && ok && (path == "" || path[0] == '.') {
			b.byPath[path] = n
		}
	})
	b.root = b.byPath[""]
	for _, s := range b.shape.slots {
		if b.root == nil || s.kind != kindSlot && b.byPath[s.path] == nil {
			p.t.Fatalf("there is no element with the id %s%s", b.scope, s.path)
		}
	}
}

func (b *block) make() {
	b.root = parse(b.shape.html).inner[0]
	b.root.each(func(n *node) {
		if path, has := n.attrs["data-go-id"]; has {
			b.byPath[path] = n
			delete(n.attrs, "data-go-id")
		}
	})
	b.root.remove()
}

// value is what a slot holds: a text, absent, or on and off.
type value struct {
	text   string
	absent bool
	on     bool
}

func (v value) String() string {
	return fmt.Sprintf("%q (absent %t, on %t)", v.text, v.absent, v.on)
}

func (p *Page) read(r *reader, s *slot) value {
	switch s.kind {
	case kindBool, kindClass, kindChecked:
		return value{on: r.word() != 0}
	}
	text, present := r.string()
	return value{text: text, absent: !present}
}

// anchorOf gives the place behind the slot's comment among the element's children, or the end.
func (s *slot) anchorOf(e *node) int {
	left := s.anchor
	for i, c := range e.inner {
		if c.comment && c.text == "go" {
			if left == 0 {
				return i
			}
			left--
		}
	}
	panic(fmt.Sprintf("there is no anchor %d", s.anchor))
}

func (b *block) set(s *slot, v value) {
	e := b.byPath[s.path]
	switch s.kind {
	case kindText:
		b.setText(e, s, v.text)
	case kindAttr, kindProp:
		if v.absent {
			delete(e.attrs, s.name)
		} else {
			e.attrs[s.name] = v.text
		}
	case kindBool:
		delete(e.attrs, s.name)
		if v.on {
			e.attrs[s.name] = ""
		}
	case kindClass:
		e.setClass(s.name, v.on)
	case kindValue:
		e.set = v.text
		if e.tag == "select" {
			e.choose(v.text)
		} else {
			e.value = v.text
		}
	case kindChecked:
		e.checked, e.on = v.on, v.on
	case kindHTML:
		e.inner = []*node{{raw: true, text: v.text, parent: e}}
	}
}

func (b *block) setText(e *node, s *slot, text string) {
	if s.anchor == 255 {
		e.inner = nil
		if text != "" {
			e.append(&node{text: text})
		}
		return
	}
	at := s.anchorOf(e) + 1
	if at < len(e.inner) && e.inner[at].isText() {
		e.inner[at].text = text
	} else if text != "" {
		e.insert(at, &node{text: text})
	}
}

func (b *block) get(s *slot) value {
	e := b.byPath[s.path]
	switch s.kind {
	case kindText:
		if s.anchor == 255 {
			return value{text: e.content()}
		}
		if at := s.anchorOf(e) + 1; at < len(e.inner) && e.inner[at].isText() {
			return value{text: e.inner[at].text}
		}
		return value{}
	case kindAttr, kindProp:
		text, has := e.attrs[s.name]
		return value{text: text, absent: !has}
	case kindBool:
		_, has := e.attrs[s.name]
		return value{on: has}
	case kindClass:
		return value{on: e.hasClass(s.name)}
	case kindValue:
		return value{text: e.shown()}
	case kindChecked:
		return value{on: e.checked}
	}
	var html strings.Builder
	for _, c := range e.inner {
		c.canonical(&html)
	}
	return value{text: html.String()}
}

// place puts the root of a block into a list or a condition's place, before another or at the end.
func (b *block) place(p *Page, root *node, s *slot, before uint32) {
	root.remove()
	e := b.byPath[s.path]
	if before != 0 {
		next := p.block(before).root
		if next.parent != e {
			p.t.Fatalf("a row goes before one that is not in its list")
		}
		e.insert(next.index(), root)
		return
	}
	at := len(e.inner)
	if s.anchor != 255 {
		at = s.anchorOf(e)
	}
	e.insert(at, root)
}

// placeOf finds the list that contains a row, by the row's parent element.
func (b *block) placeOf(row *block) (uint32, *slot) {
	var found *slot
	index := uint32(0)
	for i := range b.shape.slots {
		s := &b.shape.slots[i]
		if s.kind != kindList || b.byPath[s.path] != row.root.parent {
			continue
		}
		if found == nil || s.anchor != 255 && s.anchorOf(row.root.parent) < row.root.index() {
			found, index = s, uint32(i)
		} else if s.anchor != 255 && found.anchor != 255 &&
			found.anchorOf(row.root.parent) < row.root.index() {
			found, index = s, uint32(i)
		}
	}
	return index, found
}

func (p *Page) drop(handle uint32, first bool) {
	b := p.block(handle)
	for inner := range b.inner {
		p.drop(inner, false)
	}
	if first {
		b.root.remove()
		if outer := p.blocks[b.outer]; outer != nil {
			delete(outer.inner, handle)
		}
	}
	delete(p.blocks, handle)
}

// clear removes all rows of a list.
func (p *Page) clear(b *block, index uint32) {
	s := &b.shape.slots[index]
	e := b.byPath[s.path]
	end := len(e.inner)
	if s.anchor != 255 {
		end = s.anchorOf(e)
	}
	for handle := range b.inner {
		row := p.blocks[handle]
		if row.root.parent != e || row.root.index() >= end {
			continue
		}
		between := false
		for _, c := range e.inner[row.root.index():end] {
			between = between || c.comment && c.text == "go"
		}
		if !between {
			p.drop(handle, true)
			if s.anchor != 255 {
				end = s.anchorOf(e)
			} else {
				end = len(e.inner)
			}
		}
	}
}

func (p *Page) replace(old, now uint32) {
	was, is := p.block(old), p.block(now)
	at := was.root.index()
	was.root.parent.insert(at, is.root)
	is.outer = was.outer
	if outer := p.blocks[was.outer]; outer != nil {
		outer.inner[now] = true
	}
	for id, handle := range p.roots {
		if handle == old {
			p.roots[id] = now
		}
	}
	p.drop(old, true)
}
