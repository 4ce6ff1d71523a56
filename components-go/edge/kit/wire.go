package kit

// Host and module exchange values in the encoding of section 1 of the protocol: a tag, a length of
// 32 bits, a payload.
const (
	tagInt    = 3
	tagText   = 4
	tagList   = 5
	tagRecord = 6
	head      = 5
)

// record is the payload of a record.
type record []byte

func readRecord(value []byte) (record, bool) {
	if len(value) < head || value[0] != tagRecord {
		return nil, false
	}
	return record(payload(value)), true
}

// payload is the payload of a value; empty for nil.
func payload(value []byte) []byte {
	if len(value) < head {
		return nil
	}
	n := int(value[1]) | int(value[2])<<8 | int(value[3])<<16 | int(value[4])<<24
	if n < 0 || n > len(value)-head {
		return nil
	}
	return value[head : head+n]
}

// get is the encoded value of a key; nil when there is none.
func (r record) get(key string) []byte {
	for len(r) >= 2 {
		n := int(r[0]) | int(r[1])<<8
		if len(r) < 2+n+head {
			return nil
		}
		name, value := r[2:2+n], r[2+n:]
		length := head + len(payload(value))
		if string(name) == key {
			return value[:length]
		}
		r = value[length:]
	}
	return nil
}

// writer makes one record.
type writer struct {
	b []byte
}

func (w *writer) open() { w.head(tagRecord) }

func (w *writer) close() { w.end(0) }

func (w *writer) head(tag byte) { w.b = append(w.b, tag, 0, 0, 0, 0) }

// end sets the length of the value that begins at start.
func (w *writer) end(start int) {
	n := len(w.b) - start - head
	w.b[start+1], w.b[start+2] = byte(n), byte(n>>8)
	w.b[start+3], w.b[start+4] = byte(n>>16), byte(n>>24)
}

func (w *writer) key(key string) {
	w.b = append(w.b, byte(len(key)), byte(len(key)>>8))
	w.b = append(w.b, key...)
}

func (w *writer) text(key, text string) {
	w.key(key)
	w.plain(text)
}

func (w *writer) plain(text string) {
	start := len(w.b)
	w.head(tagText)
	w.b = append(w.b, text...)
	w.end(start)
}

func (w *writer) list(texts []string) {
	start := len(w.b)
	w.head(tagList)
	for _, text := range texts {
		w.plain(text)
	}
	w.end(start)
}

func (w *writer) int(key string, n int64) {
	w.key(key)
	w.head(tagInt)
	for i := 0; i < 8; i++ {
		w.b = append(w.b, byte(uint64(n)>>(8*i)))
	}
	w.end(len(w.b) - 8 - head)
}
