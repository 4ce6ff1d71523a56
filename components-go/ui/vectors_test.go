package ui

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"strconv"
	"testing"
)

func readVectors(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile("../../tests/vectors/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

func TestValuesAreReadAndWrittenAsTheVectorsSay(t *testing.T) {
	var v struct {
		Values, Read []struct {
			Name, Hex string
			JSON      json.RawMessage
		}
		Refused  []struct{ Name, Hex string }
		Integers []struct {
			Text string
			Int  *string
		}
	}
	readVectors(t, "values.json", &v)
	for _, c := range v.Values {
		bytes, _ := hex.DecodeString(c.Hex)
		if why := refusal(view(bytes)); why != "" {
			t.Errorf("%s is refused: %s", c.Name, why)
		}
		read, _ := readValue(view(bytes))
		var w writer
		w.copy(read)
		if got := hex.EncodeToString(w.b); got != c.Hex {
			t.Errorf("%s is written as %s, not %s", c.Name, got, c.Hex)
		}
	}
	for _, c := range append(v.Values, v.Read...) {
		bytes, _ := hex.DecodeString(c.Hex)
		read, _ := readValue(view(bytes))
		var got, want any
		if err := json.Unmarshal(c.JSON, &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(read.json()), &got); err != nil {
			t.Fatal(err)
		}
		g, _ := json.Marshal(got)
		if w, _ := json.Marshal(want); string(g) != string(w) {
			t.Errorf("%s is read as %s, not %s", c.Name, g, w)
		}
	}
	for _, c := range v.Refused {
		bytes, _ := hex.DecodeString(c.Hex)
		if refusal(view(bytes)) == "" {
			t.Errorf("%s is not refused", c.Name)
		}
	}
	for _, c := range v.Integers {
		n, ok := value{tagText, c.Text}.int()
		if ok != (c.Int != nil) || ok && strconv.FormatInt(n, 10) != *c.Int {
			t.Errorf("%q is read as %d, %t", c.Text, n, ok)
		}
	}
}

// copy writes a value by the writer of its kind.
func (w *writer) copy(v value) {
	switch v.tag {
	case tagNull:
		w.null()
	case tagFalse, tagTrue:
		on, _ := v.bool()
		w.bool(on)
	case tagInt:
		n, _ := v.int()
		w.int(n)
	case tagText:
		s, _ := v.text()
		w.text(s)
	case tagList:
		at := w.begin(tagList)
		for in := v.data; in != ""; {
			v, in = readValue(in)
			w.copy(v)
		}
		w.end(at)
	case tagRecord:
		at := w.begin(tagRecord)
		for in := v.data; in != ""; {
			var key string
			key, v, in, _ = readEntry(in)
			w.key(key)
			w.copy(v)
		}
		w.end(at)
	}
}

// json writes a value as its JSON, reading records by key.
func (v value) json() string {
	switch v.tag {
	case tagFalse:
		return "false"
	case tagTrue:
		return "true"
	case tagInt:
		n, _ := v.int()
		if n > 1<<53-1 || n < -(1<<53-1) {
			return strconv.Quote(decimal(n))
		}
		return decimal(n)
	case tagText:
		s, _ := v.text()
		text, _ := json.Marshal(s)
		return string(text)
	case tagList:
		text := ""
		for in := v.data; in != ""; {
			var e value
			e, in = readValue(in)
			text += "," + e.json()
		}
		return "[" + text[min(1, len(text)):] + "]"
	case tagRecord:
		text := ""
		seen := map[string]bool{}
		for in := v.data; in != ""; {
			var key string
			key, _, in, _ = readEntry(in)
			if seen[key] {
				continue
			}
			seen[key] = true
			r := v.record()
			e, _ := r.find(key)
			name, _ := json.Marshal(key)
			text += "," + string(name) + ":" + e.json()
		}
		return "{" + text[min(1, len(text)):] + "}"
	}
	return "null"
}

func TestTextIsEscapedAsTheVectorsSay(t *testing.T) {
	type pair struct{ In, Out string }
	var v struct{ Text, Attr, URL []pair }
	readVectors(t, "escape.json", &v)
	for _, c := range v.Text {
		if got := string(appendEscaped(nil, c.In, false)); got != c.Out {
			t.Errorf("text %q is written as %q, not %q", c.In, got, c.Out)
		}
	}
	for _, c := range v.Attr {
		if got := string(appendEscaped(nil, c.In, true)); got != c.Out {
			t.Errorf("attribute %q is written as %q, not %q", c.In, got, c.Out)
		}
	}
	for _, c := range v.URL {
		if got := safeURL(c.In); got != c.Out {
			t.Errorf("address %q becomes %q, not %q", c.In, got, c.Out)
		}
	}
}

func TestKeysAreEncodedAsTheVectorsSay(t *testing.T) {
	var v struct{ Text, Int []struct{ Key, Out string } }
	readVectors(t, "keys.json", &v)
	for _, c := range v.Text {
		if got := string(appendKey(nil, &entry{form: formText, s: c.Key})); got != c.Out {
			t.Errorf("key %q is written as %q, not %q", c.Key, got, c.Out)
		}
	}
	for _, c := range v.Int {
		n, _ := strconv.ParseInt(c.Key, 10, 64)
		if got := string(appendKey(nil, &entry{form: formInt, n: n})); got != c.Out {
			t.Errorf("key %s is written as %q, not %q", c.Key, got, c.Out)
		}
	}
}
