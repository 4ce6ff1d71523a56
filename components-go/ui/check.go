package ui

// Checks that are made when a shape is recorded.

func isVoid(tag string) bool {
	switch tag {
	case "area",
		"base",
		"br",
		"col",
		"embed",
		"hr",
		"img",
		"input",
		"link",
		"meta",
		"source",
		"track",
		"wbr":
		return true
	}
	return false
}

func isName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '-' || c == '_' || c == ':')) {
			return false
		}
	}
	return s != ""
}

func checkElement(b *builder, tag string) {
	switch tag {
	case "script",
		"style",
		"iframe",
		"object",
		"embed",
		"base",
		"template",
		"noscript",
		"title",
		"plaintext",
		"xmp",
		"go-slot":
		b.fail("a component cannot make this element")
	}
	if !isName(tag) {
		b.fail("this is not the name of an element")
	}
}

func checkAttribute(b *builder, tag string, n *recNode, before []Node) {
	switch n.kind {
	case seedOn:
		if !isHandlerName(n.name) || !isHandlerName(n.value) {
			b.fail(`ui.On takes an event and the name of a handler: ui.On("click", "Inc")`)
		}
		if !hasHandler(current, n.value) {
			b.fail(`there is no handler ` + n.value + `: add b.On("` + n.value + `", …) to Bind`)
		}
		return
	case seedPrevent:
		for _, a := range before {
			if a != 0 && b.rec.at(a).name == preventAttr {
				b.fail("an element has ui.Prevent or ui.PreventIf, not both")
			}
		}
		return
	case seedClass, seedRef:
		return
	case seedClassIf:
		if !isClass(n.name) {
			b.fail(`ui.ClassIf takes one class, not "` + n.name + `"`)
		}
	case seedValue:
		if tag != "input" && tag != "select" && tag != "textarea" {
			b.fail("ui.Value is for an input, a select or a textarea; here it is ui.AttrStr")
		}
	case seedChecked:
		if tag != "input" && tag != "option" {
			b.fail("ui.Checked is for an input or an option")
		}
	case seedProp:
		if !isLiveProp(tag, n.name) {
			b.fail("ui.BoolProp is for open of details and dialog, and muted of audio and video, not " +
				n.name + " of <" + tag + ">")
		}
	default:
		checkAttributeName(b, tag, n)
	}
	for _, a := range before {
		if a == 0 {
			continue
		}
		other := b.rec.at(a)
		if n.name == preventAttr && other.kind == seedPrevent {
			b.fail("an element has ui.Prevent or ui.PreventIf, not both")
		}
		if other.name == n.name && (n.kind == seedClassIf) == (other.kind == seedClassIf) &&
			other.kind != seedClass &&
			other.kind != seedOn &&
			other.kind != seedPrevent &&
			other.kind != seedRef {
			b.fail("the attribute or class " + n.name + " is given twice")
		}
	}
}

func checkAttributeName(b *builder, tag string, n *recNode) {
	name := n.name
	lower := lowerASCII(name)
	switch {
	case !isName(name):
		b.fail(`"` + name + `" is not the name of an attribute`)
	case len(lower) > 2 && lower[:2] == "on":
		b.fail("the attribute " + name + " would be a script: use ui.On")
	case lower == "srcdoc":
		b.fail("the attribute srcdoc is refused")
	case lower == "class":
		b.fail("classes are ui.Class and ui.ClassIf")
	case name == preventAttr && n.kind == seedAttrStr:
	case len(lower) >= 8 && lower[:8] == "data-go-":
		b.fail("attributes that begin with data-go- are the kit's own")
	case n.kind == seedAttr:
	case lower == "value" && (tag == "input" || tag == "select" || tag == "textarea"):
		b.fail("a changing value is ui.Value")
	case lower == "checked" && tag == "input", lower == "selected" && tag == "option":
		b.fail("a changing choice is ui.Checked")
	case isLiveProp(tag, lower):
		b.fail("a changing " + lower + " is ui.BoolProp")
	}
}

// isLiveProp tells whether a boolean attribute only sets the initial value of a property, which the
// visitor then changes.
func isLiveProp(tag, name string) bool {
	switch tag {
	case "details", "dialog":
		return name == "open"
	case "audio", "video":
		return name == "muted"
	}
	return false
}

func checkSlot(b *builder) {
	if len(b.rec.starts) != 1 {
		b.fail(
			"ui.Slot must stand in the component itself, not in a condition, a list or a nested component",
		)
	}
	if def := definitionOf(currentName); def != nil && !def.slot {
		b.fail("a component with a ui.Slot is registered with ui.HasSlot()")
	}
	for i := range b.slots {
		if b.slots[i].kind == kindSlot {
			b.fail("a component has at most one ui.Slot")
		}
	}
}

func isClass(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' {
			return false
		}
	}
	return s != ""
}

func isHandlerName(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c == ':' || c == '"' || c == '&' || c == '<' || c == '>' {
			return false
		}
	}
	return s != ""
}

func lowerASCII(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 'A' && c <= 'Z' {
			b := []byte(s)
			for j := range b {
				if b[j] >= 'A' && b[j] <= 'Z' {
					b[j] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}
