package ui

// A Storage is where a browser keeps something across pages.
type Storage uint8

const (
	ThisTab     Storage = iota // until the tab is closed
	ThisBrowser                // until the visitor deletes it; all tabs share it
)

// maxPersisted bounds the JSON of what is kept of one island.
const maxPersisted = 32 << 10

// persistence is what of a component's state is kept across pages.
type persistence struct {
	storage string
	fields  []string
	version string // another is not read: the component's name and its fields
}

// Persist is for a component of which the browser keeps these fields of its state across pages, as
// soon as a handler has changed them. An island of the same id on a later page has them again, once
// it is hydrated. They come back from a place that the visitor, and every script of the site, can
// write to: their types are checked, and their sizes bounded, but not what they say. What belongs
// to an account does not belong there.
//
//	ui.Register("filters", newFilters, ui.Persist(ui.ThisTab, "open", "colours"))
func Persist(storage Storage, fields ...static) Trait {
	return func(d *definition) {
		p := &persistence{storage: "session", version: d.name + ":"}
		if storage == ThisBrowser {
			p.storage = "local"
		}
		for i, f := range fields {
			if i > 0 {
				p.version += ","
			}
			p.version += string(f)
			p.fields = append(p.fields, string(f))
		}
		d.persist = p
		persistChanged, restorePersisted = sendPersisted, takePersisted
	}
}

// Set by Persist: a module that does not use it does not have its code.
var (
	persistChanged   func(changed []*island)
	restorePersisted func(is *island, message record)
)

// fields gives what is kept of a state, as an encoded record.
func (p *persistence) pick(state record) string {
	var w writer
	at := w.begin(tagRecord)
	for _, f := range p.fields {
		if v, ok := state.find(f); ok {
			w.key(f)
			w.raw(v)
		}
	}
	w.end(at)
	return view(w.b)
}

// sendPersisted has the browser keep what has changed.
func sendPersisted(changed []*island) {
	for _, is := range changed {
		p := definitionOf(is.name).persist
		if p == nil {
			continue
		}
		var w writer
		saveState(&w, is.comp)
		v, _ := readValue(view(w.b))
		kept := string(appendJSON(nil, p.pick(v.record())))
		if kept == is.persisted {
			continue
		}
		is.persisted = kept
		if len(kept) > maxPersisted {
			kept = "" // What was kept before is not true any more.
		}
		effects = append(effects, effect{kind: effectPersist, owner: is.comp, from: is,
			texts: []string{p.storage, p.version, kept}})
	}
}

// takePersisted takes over what the browser kept, before any handler of the island was called.
func takePersisted(is *island, message record) {
	p := definitionOf(is.name).persist
	if p == nil || message.text("version") != p.version {
		return
	}
	state, _ := message.find("state")
	v, _ := readValue(p.pick(state.record()))
	bindWith(is.comp, Binder{mode: bindState, rec: v.record()})
	is.touched = true
}
