package ui

// Text is text that never changes: a constant.
func Text(text static) Node {
	return fixed(seedText, constant(seedText, text), "", text)
}

// Str is text that changes.
func Str(text string) Node {
	push(entry{form: formText, s: text})
	return changing(seedStr)
}

// Int is an integer in plain digits: 1234.
func Int(n int64) Node {
	push(entry{form: formInt, n: n})
	return changing(seedStr)
}

// Number is an integer with the separators of the locale: 1,234.
func Number(n int64) Node {
	push(entry{form: formNumber, n: n})
	return changing(seedStr)
}

// Amount is money in the page's currency, as the locale writes it: €24.00.
func Amount(m Money) Node {
	push(entry{form: formMoney, n: int64(m)})
	return changing(seedStr)
}

// Date is the day of a time in Unix milliseconds (UTC), as the locale writes it.
func Date(unixMs int64, style DateStyle) Node {
	push(entry{form: formDate, n: unixMs, style: uint8(style)})
	return changing(seedStr)
}

// Plural is the plural form of a text for the number n, in the language of the page. {n} in it is
// the number.
func Plural(n int64, forms Forms) Node {
	push(entry{form: formPlural, n: n, s: forms.pick(n)})
	return changing(seedStr)
}

// Fragment groups several nodes into one argument of their parent.
func Fragment(content ...Node) Node {
	if mode == modeRecord {
		return recording.fragment(content)
	}
	h := uint64(seedFragment)
	for _, c := range content {
		h = mix(h, uint64(c))
	}
	return Node(h)
}

// Slot is where the content stands that the template puts between the component's tags.
func Slot() Node {
	push(entry{form: formSlot})
	return changing(seedSlot)
}

// UnsafeHTML is HTML that is not escaped: the whole content of its element. What a visitor or a
// merchant wrote must go through a sanitizer first.
func UnsafeHTML(html string) Node {
	push(entry{form: formText, s: html})
	return changing(seedHTML)
}

// changing is the node of a value among an element's content.
//
//go:inline
func changing(seed uint64) Node {
	h := leaf(seed)
	if mode == modeRecord {
		return recording.leaf(recNode{kind: uint8(seed), hash: h, slot: slotNo})
	}
	return Node(h)
}
