package ui

// A Storage is where the browser stores state across pages.
type Storage uint8

const (
	ThisTab     Storage = iota // until the tab is closed
	ThisBrowser                // until the visitor deletes it; all tabs share it
)

// maxPersisted bounds the JSON that is stored for one island.
const maxPersisted = 32 << 10

// persistence says which of a component's state is stored across pages.
type persistence struct {
	storage string
	fields  []string
	version string // the component's name and its fields; other versions are not read
}

// Persist has the browser store these fields of a component's state, once a handler has changed
// them. An island of the same id on a later page gets them back after it is hydrated. The visitor
// and every script of the site can write to that storage: types are checked and sizes bounded, but
// not the values. Do not store what belongs to an account.
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

// pick returns the stored fields of a state, as an encoded record.
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

// sendPersisted has the browser store what has changed.
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
			kept = "" // What was stored before is out of date.
		}
		effects = append(effects, effect{kind: effectPersist, owner: is.comp, from: is,
			texts: []string{p.storage, p.version, kept}})
	}
}

// takePersisted restores what the browser stored, before any handler of the island is called.
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
