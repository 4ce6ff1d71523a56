package uitest

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
)

// Encode gives the value of section 1 of the protocol for a JSON text. A number that is not whole,
// or beyond ±(2⁵³−1), is refused.
func Encode(text string) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return appendValue(nil, v)
}

const (
	tagNull = iota
	tagFalse
	tagTrue
	tagInt
	tagText
	tagList
	tagRecord
)

func appendValue(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return appendTagged(dst, tagNull, nil), nil
	case bool:
		if v {
			return appendTagged(dst, tagTrue, nil), nil
		}
		return appendTagged(dst, tagFalse, nil), nil
	case string:
		return appendTagged(dst, tagText, []byte(v)), nil
	case int:
		return appendValue(dst, json.Number(strconv.Itoa(v)))
	case json.Number:
		n, err := strconv.ParseInt(v.String(), 10, 64)
		if err != nil || n > 1<<53-1 || n < -(1<<53-1) {
			return nil, fmt.Errorf("%s is not a whole number that JSON can carry", v)
		}
		return appendTagged(dst, tagInt, binary.LittleEndian.AppendUint64(nil, uint64(n))), nil
	case int64:
		return appendTagged(dst, tagInt, binary.LittleEndian.AppendUint64(nil, uint64(v))), nil
	case []any:
		var body []byte
		var err error
		for _, e := range v {
			if body, err = appendValue(body, e); err != nil {
				return nil, err
			}
		}
		return appendTagged(dst, tagList, body), nil
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		var body []byte
		var err error
		for _, k := range keys {
			body = binary.LittleEndian.AppendUint16(body, uint16(len(k)))
			body = append(body, k...)
			if body, err = appendValue(body, v[k]); err != nil {
				return nil, err
			}
		}
		return appendTagged(dst, tagRecord, body), nil
	}
	return nil, fmt.Errorf("%T is not a value", v)
}

func appendTagged(dst []byte, tag byte, payload []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(append(dst, tag), uint32(len(payload)))
	return append(dst, payload...)
}

// Decode gives the JSON-like value (nil, bool, int64, string, []any, map[string]any) of an encoded
// one.
func Decode(b []byte) any {
	v, _ := decode(b)
	return v
}

func decode(b []byte) (v any, rest []byte) {
	n := binary.LittleEndian.Uint32(b[1:])
	body, rest := b[5:5+n], b[5+n:]
	switch b[0] {
	case tagFalse:
		return false, rest
	case tagTrue:
		return true, rest
	case tagInt:
		return int64(binary.LittleEndian.Uint64(body)), rest
	case tagText:
		return string(body), rest
	case tagList:
		list := []any{}
		for len(body) > 0 {
			v, body = decode(body)
			list = append(list, v)
		}
		return list, rest
	case tagRecord:
		record := map[string]any{}
		for len(body) > 0 {
			k := binary.LittleEndian.Uint16(body)
			key := string(body[2 : 2+k])
			v, body = decode(body[2+k:])
			record[key] = v
		}
		return record, rest
	}
	return nil, rest
}
