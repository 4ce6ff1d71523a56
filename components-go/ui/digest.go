package ui

// The digest of section 7: equal digests mean that the browser would render what the server did.
const digestStart = 0xCBF29CE484222325

func digestText(h uint64, s string) uint64 {
	h = mix(h, uint64(len(s)))
	for len(s) >= 8 {
		h = mix(h, word(s))
		s = s[8:]
	}
	if len(s) > 0 {
		var x uint64
		for i := len(s) - 1; i >= 0; i-- {
			x = x<<8 | uint64(s[i])
		}
		h = mix(h, x)
	}
	return h
}

func digestTemplate(t *template) uint64 {
	h := digestText(digestStart, t.html)
	for i := range t.slots {
		s := &t.slots[i]
		h = mix(h, uint64(s.kind)|uint64(s.anchor)<<8)
		h = digestText(digestText(h, s.path), s.name)
	}
	return h
}

var (
	arena   []byte // texts that were formatted for one render
	scratch []byte
)

// seal computes the digest of an island's tape and cleans its texts in place. With settle, which
// the server needs, formatted values become texts, and a text that needs escaping gets the style
// styleMarked.
func seal(t []entry, settle bool) uint64 {
	h := mix(digestStart, templates[t[0].template()].digest)
	for i := 1; i < len(t); i++ {
		e := &t[i]
		switch e.form {
		case formText:
			odd, marked := survey(e.s)
			if odd {
				e.s = cleanFrom(e.s, 0)
			}
			if marked && settle {
				e.style = styleMarked
			}
			if i+1 < len(t) && t[i+1].form == formRow {
				scratch = appendEncoded(scratch[:0], e.s)
				h = digestText(h, view(scratch))
			} else {
				h = digestText(h, e.s)
			}
		case formAbsent:
			h = mix(h, 1<<64-1)
		case formBool:
			h = mix(h, uint64(e.n))
		case formClosed:
			h = mix(h, 0)
		case formOpen, formChild:
			h = mix(mix(h, 1), templates[e.template()].digest)
		case formRow:
			h = mix(h, templates[e.template()].digest)
		case formList:
			h = mix(h, uint64(e.n))
		case formSlot:
		default:
			if !settle || i+1 < len(t) && t[i+1].form == formRow {
				scratch = e.append(scratch[:0])
				h = digestText(h, clean(view(scratch)))
				break
			}
			from := len(arena)
			arena = e.append(arena)
			e.s = clean(view(arena[from:]))
			e.form, e.style = formText, styleMarked
			h = digestText(h, e.s)
		}
	}
	return h
}
