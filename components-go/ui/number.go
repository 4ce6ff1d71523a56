package ui

// append writes the text that an entry shows.
func (e *entry) append(dst []byte) []byte {
	switch e.form {
	case formText:
		return append(dst, clean(e.s)...)
	case formInt:
		return appendInt(dst, e.n)
	case formNumber:
		return appendNumber(dst, e.n)
	case formMoney:
		return appendMoney(dst, e.n)
	case formDate:
		return appendDate(dst, e.n, DateStyle(e.style))
	case formPlural:
		return appendPlural(dst, e.n, e.s)
	}
	return dst
}

func decimal(n int64) string { return string(appendInt(nil, n)) }

func appendInt(dst []byte, n int64) []byte {
	u := uint64(n)
	if n < 0 {
		dst = append(dst, '-')
		u = -u
	}
	return appendUint(dst, u)
}

func appendUint(dst []byte, u uint64) []byte {
	var b [20]byte
	i := len(b)
	for u >= 10 {
		q := u / 10
		i--
		b[i] = byte('0' + u - q*10)
		u = q
	}
	i--
	b[i] = byte('0' + u)
	return append(dst, b[i:]...)
}

func appendNumber(dst []byte, n int64) []byte {
	t := locale.ready()
	u := uint64(n)
	if n < 0 {
		dst = append(dst, t.minus...)
		u = -u
	}
	return t.grouped(dst, u)
}

// grouped writes an integer with separators between its groups.
func (t *table) grouped(dst []byte, u uint64) []byte {
	var b [20]byte
	digits := appendUint(b[:0], u)
	start := 0
	for i := 1; i < len(digits); i++ {
		if t.groupBefore(len(digits) - i) {
			dst = append(t.numeral(dst, digits[start:i]), t.group...)
			start = i
		}
	}
	return t.numeral(dst, digits[start:])
}

// numeral writes ASCII digits as the locale does.
func (t *table) numeral(dst, digits []byte) []byte {
	if t.numerals == "" {
		return append(dst, digits...)
	}
	// The digits of a script take the same number of bytes each.
	size := len(t.numerals) / 10
	for _, d := range digits {
		at := int(d-'0') * size
		dst = append(dst, t.numerals[at:at+size]...)
	}
	return dst
}

// groupBefore tells whether a group begins with that many digits left.
func (t *table) groupBefore(left int) bool {
	if t.primary == 0 || left < t.primary {
		return false
	}
	if left == t.primary {
		return true
	}
	return t.secondary != 0 && (left-t.primary)%t.secondary == 0
}
