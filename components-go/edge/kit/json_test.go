package kit

import (
	"encoding/json"
	"testing"
)

func FuzzJSONAgreesWithTheStandardLibrary(f *testing.F) {
	for _, seed := range []string{
		`{"price":1999,"currency":"EUR"}`, `[1,-2.5e+3,{"a":[]}]`, `"\u00e9\ud83d\ude00\n"`,
		` null `, `{"a":1,}`, `01`, `"\u12"`, `[`, `{"a"`, `nul`, `"` + "\x01" + `"`, `-`, `1.`,
		`1e`, `"\ud800"`, `[[[[[]]]]]`, `{"a":1,"a":2}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		j, ok := ParseJSON(b)
		if ok && !json.Valid(b) {
			t.Fatalf("%q is no document", b)
		}
		if !ok {
			return
		}
		j.Items()
		j.Get("a").Get("b")
		var number int64
		if n, is := j.Int(); is && (json.Unmarshal(b, &number) != nil || number != n) {
			t.Fatalf("%q is not %d", b, n)
		}
		var text string
		if s, is := j.Text(); is && string(j) == string(mustJSON(s)) {
			if err := json.Unmarshal(b, &text); err != nil || text != s {
				t.Fatalf("%q is not %q", b, s)
			}
		}
	})
}

func mustJSON(s string) []byte {
	b, _ := json.Marshal(s)
	return b
}

func TestADocumentThatTheStandardLibraryTakesIsTaken(t *testing.T) {
	for _, document := range []string{
		`{}`, `[]`, `0`, `-0.5E-2`, "\t{ \"a\" : [ true , false , null ] }\n", `"\/"`,
	} {
		if _, ok := ParseJSON([]byte(document)); !ok || !json.Valid([]byte(document)) {
			t.Errorf("%s is refused", document)
		}
	}
}

func TestAMemberIsFoundByItsUnescapedName(t *testing.T) {
	j, ok := ParseJSON([]byte(`{"other":[{"price":1}], "pric\u0065" : -7 }`))
	if n, is := j.Get("price").Int(); !ok || !is || n != -7 {
		t.Errorf("%d %t", n, is)
	}
}

func TestAnAnswerIsReadAsItWasWritten(t *testing.T) {
	pieces := int64(3)
	want := Answer{
		SKU:      "a\"\\\x01é\xff",
		Stock:    &pieces,
		Price:    -5,
		Currency: "EUR",
		TS:       1,
		Stale:    true,
	}
	text := want.JSON()
	if !json.Valid(text) {
		t.Fatalf("%s", text)
	}
	got, ok := ReadAnswer(text, "a\"\\\x01é\uFFFD")
	if !ok || *got.Stock != 3 || got.Price != -5 || !got.Stale || got.TS != 1 {
		t.Errorf("%+v", got)
	}
	if _, ok := ReadAnswer(text, "another"); ok {
		t.Error("an answer about another SKU is taken")
	}
}
