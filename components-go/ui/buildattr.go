package ui

// attributes writes the attributes of an element. It returns a textarea's value, which is written
// as content; an option's content may be its value.
func (b *builder) attributes(tag string, args []Node, items []item) (area op) {
	b.joined(args, seedOn, "data-go-on")
	first := b.seen
	var last *op
	var lastBare *op
	classes, prevented := false, false
	put := func(n *recNode, o op) {
		o.skip = uint16(n.slot - first - 1)
		b.op(o)
	}
	for i, a := range args {
		if a == 0 {
			continue
		}
		n := b.rec.at(a)
		checkAttribute(b, tag, n, args[:i])
		switch n.kind {
		case seedAttr:
			value := n.value
			if holdsURL(n.name) {
				value = safeURL(value)
			}
			b.static(" " + n.name + `="` + string(appendEscaped(nil, value, true)) + `"`)
		case seedRef:
			b.static(` data-go-ref="` + string(appendEscaped(nil, n.name, true)) + `"`)
		case seedPrevent:
			if !prevented {
				prevented = true
				b.joined(args, seedPrevent, "data-go-prevent")
			}
		case seedClass, seedClassIf:
			if n.kind == seedClassIf {
				b.slot(n, kindClass, noAnchor, n.name)
			}
			if !classes {
				classes = true
				b.classes(args, first)
			}
		case seedAttrStr:
			b.slot(n, kindAttr, noAnchor, n.name)
			o := op{code: opAttr, name: " " + n.name + `="`, skip: uint16(n.slot - first - 1)}
			b.live.put(o)
			if n.name == preventAttr {
				o.code = opNone
			}
			b.bare.put(o)
		case seedBoolAttr:
			b.slot(n, kindBool, noAnchor, n.name)
			put(n, op{code: opBool, name: " " + n.name})
		case seedValue:
			b.slot(n, kindValue, noAnchor, n.name)
			switch tag {
			case "textarea":
				area = op{code: opArea, skip: uint16(n.slot - first - 1)}
			case "select":
				put(n, op{code: opChoose})
			default:
				put(n, op{code: opAttr, name: ` value="`})
			}
		case seedProp:
			b.slot(n, kindProp, noAnchor, n.name)
			put(n, op{code: opBool, name: " " + n.name})
		case seedChecked:
			b.slot(n, kindChecked, noAnchor, n.name)
			if tag == "option" {
				put(n, op{code: opBool, name: " selected"})
			} else {
				put(n, op{code: opBool, name: " checked"})
			}
		}
	}
	count := uint16(b.seen - first)
	if tag == "option" {
		b.option(args, items, first)
	}
	if count == 0 {
		return area
	}
	// The tape advances once, after the last attribute that is written.
	if area.code == opArea {
		area.take = count
		return area
	}
	last, lastBare = &b.live.ops[len(b.live.ops)-1], &b.bare.ops[len(b.bare.ops)-1]
	last.take, lastBare.take = count, count
	return area
}

// option writes the place of the attribute that tells which option of a select is chosen: the one
// whose value, or else text, is the select's. An option that says so itself is left alone.
func (b *builder) option(args []Node, items []item, first uint32) {
	var value []valuePart
	given := false
	for _, a := range args {
		if a == 0 {
			continue
		}
		switch n := b.rec.at(a); {
		case n.kind == seedChecked, n.kind == seedAttr && lowerASCII(n.name) == "selected":
			return
		case n.kind == seedAttr && lowerASCII(n.name) == "value":
			value, given = []valuePart{{text: n.value}}, true
		case n.kind == seedAttrStr && lowerASCII(n.name) == "value":
			value, given = []valuePart{{slot: true, at: uint16(n.slot - first - 1)}}, true
		}
	}
	if !given {
		for i := range items {
			switch n := items[i].node; n.kind {
			case seedText:
				value = append(value, valuePart{text: n.value})
			case seedStr:
				value = append(value, valuePart{slot: true, at: uint16(n.slot - first - 1)})
			}
		}
	}
	b.op(op{code: opOption, value: value})
}

// classes writes the class attribute: those that are always there, then a place for those that are
// toggled.
func (b *builder) classes(args []Node, first uint32) {
	var names []byte
	var toggles []classToggle
	for _, a := range args {
		if a == 0 {
			continue
		}
		switch n := b.rec.at(a); n.kind {
		case seedClass:
			if n.name != "" {
				if len(names) > 0 {
					names = append(names, ' ')
				}
				names = append(names, n.name...)
			}
		case seedClassIf:
			toggles = append(toggles, classToggle{n.name, uint16(n.slot - first - 1)})
		}
	}
	b.static(` class="` + string(appendEscaped(nil, string(names), true)))
	if len(toggles) > 0 {
		if len(names) > 0 {
			for i := range toggles {
				toggles[i].name = " " + toggles[i].name
			}
		}
		b.op(op{code: opClass, class: toggles})
	}
	b.static(`"`)
}

// joined writes one attribute that lists all handlers, or all events to prevent.
func (b *builder) joined(args []Node, kind uint8, name string) {
	found := false
	for _, a := range args {
		if a == 0 {
			continue
		}
		n := b.rec.at(a)
		if n.kind != kind {
			continue
		}
		if found {
			b.meta(" ")
		} else {
			found = true
			b.meta(" " + name + `="`)
		}
		b.meta(n.name)
		if kind == seedOn {
			b.acts = true
			b.meta(":" + n.value)
		}
	}
	if found {
		b.meta(`"`)
	}
}
