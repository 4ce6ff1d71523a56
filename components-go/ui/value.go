package ui

// The values of section 1: tag, length, payload. Input is kept as one string, of which every text
// is a part.

const (
	tagNull uint8 = iota
	tagFalse
	tagTrue
	tagInt
	tagText
	tagList
	tagRecord
)

const (
	maxNesting = 16
	maxMessage = 4 << 20
)

type value struct {
	tag  uint8
	data string
}

//go:inline
func le32(s string) int {
	_ = s[3]
	return int(uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24)
}

// readValue takes a value off the front. Malformed input is null, with nothing behind it.
func readValue(in string) (v value, rest string) {
	v, rest, _ = splitValue(in)
	return v, rest
}

//go:inline
func splitValue(in string) (v value, rest string, ok bool) {
	if len(in) < 5 {
		return value{}, "", false
	}
	n := le32(in[1:])
	if n < 0 || n > len(in)-5 {
		return value{}, "", false
	}
	return value{in[0], in[5 : 5+n]}, in[5+n:], true
}

// readEntry takes an entry of a record off the front.
//
//go:inline
func readEntry(in string) (key string, v value, rest string, ok bool) {
	if len(in) < 2 {
		return "", value{}, "", false
	}
	n := int(in[0]) | int(in[1])<<8
	if n > len(in)-2 {
		return "", value{}, "", false
	}
	v, rest, ok = splitValue(in[2+n:])
	return in[2 : 2+n], v, rest, ok
}

// refusal says why a message is not one value, or "".
//
//go:noinline
func refusal(in string) string {
	if len(in) > maxMessage {
		return "the message is larger than 4 MiB"
	}
	v, rest, ok := splitValue(in)
	if !ok || rest != "" {
		return "the message does not end where its length says"
	}
	return v.refusal(1)
}

func (v value) refusal(depth int) string {
	switch v.tag {
	case tagNull, tagFalse, tagTrue:
		if v.data != "" {
			return "a null or a bool has a payload"
		}
	case tagInt:
		if len(v.data) != 8 {
			return "an int is not 8 bytes"
		}
	case tagList, tagRecord:
		if depth >= maxNesting {
			return "values are nested deeper than 16"
		}
		for in := v.data; in != ""; {
			var e value
			var ok bool
			if v.tag == tagRecord {
				_, e, in, ok = readEntry(in)
			} else {
				e, in, ok = splitValue(in)
			}
			if !ok {
				return "a list or record does not end where its length says"
			}
			if text := e.refusal(depth + 1); text != "" {
				return text
			}
		}
	}
	return ""
}

func (v value) bool() (on, ok bool) {
	return v.tag == tagTrue, v.tag == tagTrue || v.tag == tagFalse
}

func (v value) int() (int64, bool) {
	if v.tag == tagInt && len(v.data) == 8 {
		return int64(uint64(uint32(le32(v.data))) | uint64(uint32(le32(v.data[4:])))<<32), true
	}
	if v.tag == tagText {
		return parseInt(v.data)
	}
	return 0, false
}

//go:inline
func (v value) text() (string, bool) {
	if v.tag != tagText {
		return "", false
	}
	return clean(v.data), true
}

// parseInt reads -?[0-9]{1,19} that fits 64 bits.
func parseInt(s string) (int64, bool) {
	digits := s
	if s != "" && s[0] == '-' {
		digits = s[1:]
	}
	if len(digits) == 0 || len(digits) > 19 {
		return 0, false
	}
	var n uint64
	for i := 0; i < len(digits); i++ {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
		n = n*10 + uint64(digits[i]-'0')
	}
	if len(digits) < len(s) {
		return -int64(n), n <= 1<<63
	}
	return int64(n), n < 1<<63
}

// record reads entries by key. Keys that are asked for in the order they come are found at once.
type record struct{ all, next string }

func (v value) record() record {
	if v.tag != tagRecord {
		return record{}
	}
	return record{v.data, v.data}
}

// find gives the value of a key.
//
//go:noinline // It is large, and is called from everywhere.
func (r *record) find(key string) (value, bool) {
	in, end := r.next, 0
	for range 2 {
		for len(in) > end {
			k, v, rest, ok := readEntry(in)
			if !ok {
				break
			}
			if k == key {
				r.next = rest
				return v, true
			}
			in = rest
		}
		in, end = r.all, len(r.next)
	}
	return value{}, false
}

func (r *record) text(key string) string {
	v, _ := r.find(key)
	s, _ := v.text()
	return s
}

func (r *record) int(key string) int64 {
	v, _ := r.find(key)
	n, _ := v.int()
	return n
}

// writer makes a value.
type writer struct{ b []byte }

func (w *writer) head(tag uint8, n int) {
	w.b = append(w.b, tag, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
}

// begin opens a list, a record or a text; end closes it.
func (w *writer) begin(tag uint8) int {
	w.head(tag, 0)
	return len(w.b)
}

func (w *writer) end(at int) {
	n := len(w.b) - at
	w.b[at-4], w.b[at-3], w.b[at-2], w.b[at-1] = byte(n), byte(n>>8), byte(n>>16), byte(n>>24)
}

//go:noinline
func (w *writer) key(k string) { w.b = append(append(w.b, byte(len(k)), byte(len(k)>>8)), k...) }

func (w *writer) null() { w.head(tagNull, 0) }

func (w *writer) bool(on bool) {
	if on {
		w.head(tagTrue, 0)
	} else {
		w.head(tagFalse, 0)
	}
}

func (w *writer) int(n int64) {
	w.head(tagInt, 8)
	for range 8 {
		w.b = append(w.b, byte(n))
		n >>= 8
	}
}

//go:noinline
func (w *writer) text(s string) {
	w.head(tagText, len(s))
	w.b = append(w.b, s...)
}

func (w *writer) raw(v value) {
	w.head(v.tag, len(v.data))
	w.b = append(w.b, v.data...)
}
