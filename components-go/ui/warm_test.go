//go:build !wasm && !tinygo

package ui

import "testing"

func warmAll() string {
	var w writer
	all := w.begin(tagRecord)
	w.key("components")
	list := w.begin(tagList)
	for _, name := range []string{"bench-card", "bench-table", "bench-counter"} {
		w.text(name)
	}
	w.end(list)
	w.end(all)
	return string(w.b)
}

func TestAWarmInstanceKnowsAllShapes(t *testing.T) {
	nativeReset()
	mustCall(t, warm, warmAll())
	known := len(templates)
	mustCall(t, render, benchCards(24))
	mustCall(t, hydrate, benchIslands("bench-table", 1, func(*writer, int) {}))
	mustCall(t, receive, benchEvent("Run", 3))
	if len(templates) != known {
		t.Errorf("%d shapes became %d", known, len(templates))
	}
}

func TestAWarmInstanceRendersTheSame(t *testing.T) {
	nativeReset()
	mustCall(t, render, benchCards(5))
	cold, coldResults := string(out.b), append([]uint32(nil), results...)
	nativeReset()
	mustCall(t, warm, warmAll())
	mustCall(t, render, benchCards(5))
	if string(out.b) != cold {
		t.Errorf("cold %s\nwarm %s", cold, out.b)
	}
	for i := range results {
		if results[i] != coldResults[i] {
			t.Errorf("word %d of the results is %d, not %d", i, results[i], coldResults[i])
		}
	}
}

func TestRenderingAKnownShapeDoesNotAllocate(t *testing.T) {
	nativeReset()
	in := benchIslands("bench-counter", 1, func(w *writer, i int) { w.field("start", 123456) })
	mustCall(t, render, in)
	// the component itself
	if n := testing.AllocsPerRun(100, func() { mustCall(t, render, in) }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}

// Any input is accepted or refused, without a trap.
func FuzzCalls(f *testing.F) {
	for _, in := range []string{benchCards(2), benchEvent("Run", 3), benchEvent("Inc"), warmAll(),
		"\x00\x00\x00\x00\x00",
		benchIslands("bench-counter", 2, func(w *writer, i int) { w.field("start", "12") })} {
		for call := range 5 {
			f.Add(in, uint8(call))
		}
	}
	f.Fuzz(func(t *testing.T, in string, call uint8) {
		nativeReset()
		mustCall(t, hydrate, benchIslands("bench-counter", 1, func(*writer, int) {}))
		begin()
		run := []func(string) uint32{render, hydrate, receive, warm, unmount}[call%5]
		if run(in) != 0 && len(failure) == 0 {
			t.Error("a call was refused without a reason")
		}
	})
}

// Any saved state is continued or refused, without a trap.
func FuzzRestore(f *testing.F) {
	nativeReset()
	mustCall(f, hydrate, benchIslands("bench-counter", 2, func(*writer, int) {}))
	mustCall(f, receive, benchEvent("Inc"))
	mustCall(f, callSave, "")
	f.Add(string(out.b))
	f.Fuzz(func(t *testing.T, saved string) {
		nativeReset()
		begin()
		beginPatch()
		restore(saved)
	})
}
