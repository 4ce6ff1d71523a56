package ui

// The digest of section 7: equal digests mean that the browser would render what the server did.
const digestStart = 0xCBF29CE484222325

//go:inline
func digestText(h uint64, s string) uint64 {
	h = mix(h, uint64(len(s)))
	for len(s) >= 8 {
		h = mix(h, word(s))
		s = s[8:]
	}
	if len(s) > 0 {
		h = mix(h, short(s))
	}
	return h
}

// survey is digestText for a text that may be odd. It tells so, and whether the text has one of
// & < > and ", because each text is read once only.
//
//go:inline
func survey(h uint64, s string) (digest uint64, odd, marked bool) {
	var strange, marks uint64
	h = mix(h, uint64(len(s)))
	for len(s) >= 8 {
		x := word(s)
		h = mix(h, x)
		strange |= x | (x - ones)
		marks |= special(x)
		s = s[8:]
	}
	if len(s) > 0 {
		x := short(s)
		h = mix(h, x)
		x |= blanks << (8 * len(s))
		strange |= x | (x - ones)
		marks |= special(x)
	}
	return h, strange&highs != 0, marks != 0
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
			digest, odd, marked := survey(h, e.s)
			if odd {
				e.s = cleanFrom(e.s, 0)
				digest = digestText(h, e.s)
			}
			if marked && settle {
				e.style = styleMarked
			}
			if i+1 < len(t) && t[i+1].form == formRow {
				scratch = appendEncoded(scratch[:0], e.s)
				digest = digestText(h, view(scratch))
			}
			h = digest
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
