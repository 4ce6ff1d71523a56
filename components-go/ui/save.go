package ui

// save writes what a new instance needs to continue this one: the state of every component and
// store, and the handle of every block, in document order.
func save() uint32 {
	w := writer{b: out.b[:0]}
	all := w.begin(tagRecord)
	w.key("last")
	w.int(int64(freed.last))
	w.key("free")
	w.words(freed.free)
	w.key("stores")
	at := w.begin(tagRecord)
	for _, s := range stores {
		w.key(s.label())
		saveFields(&w, s.bindable())
	}
	w.end(at)
	w.key("islands")
	list := w.begin(tagList)
	for _, is := range islands {
		is.save(&w)
	}
	w.end(list)
	w.end(all)
	out.b = w.b
	out.done()
	return 0
}

func (w *writer) words(list []uint32) {
	w.head(tagText, len(list)*4)
	for _, n := range list {
		w.b = append(w.b, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
	}
}

func (is *island) save(w *writer) {
	if !is.sealed {
		is.digest, is.sealed = seal(is.tape, false), true
	}
	at := w.begin(tagRecord)
	w.key("c")
	w.text(is.name)
	w.key("id")
	w.text(is.id)
	w.key("p")
	w.raw(is.props)
	w.key("s")
	saveState(w, is.comp)
	w.key("k")
	kids := w.begin(tagList)
	for _, k := range is.kids {
		from := len(w.b)
		saveState(w, k)
		if len(w.b) == from+5 {
			w.b = w.b[:from] // It has no state.
		}
	}
	w.end(kids)
	w.key("h")
	handles := w.begin(tagText)
	for i := range is.tape {
		if e := &is.tape[i]; e.isOpen() {
			n := e.handle()
			w.b = append(w.b, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
		}
	}
	w.end(handles)
	w.key("d")
	w.int(int64(is.digest))
	w.end(at)
}

func saveState(w *writer, c Component) {
	at := w.begin(tagRecord)
	bindWith(c, Binder{mode: bindSave, out: w})
	w.end(at)
}

// The states of nested components that are still to be restored, in the order in which they were
// saved.
var restoring, restored string

// restoreKid gives a nested component the next state that has one of its fields. States before it
// belong to components that an earlier build of the module had.
func restoreKid(c Component) {
	for in := restored; in != ""; {
		var v value
		v, in = readValue(in)
		if bindWith(c, Binder{mode: bindState, rec: v.record()}).found {
			restored = in
			return
		}
	}
}

// restore continues the instance that was saved. An island that renders differently, because its
// component does not save all its state, is replaced.
func restore(saved string) (reason string) {
	if len(islands) > 0 {
		return "hydrate: an instance that has islands cannot continue another"
	}
	if refusal(saved) != "" {
		return "hydrate: this is not what an instance of this module saved"
	}
	v, _ := readValue(saved)
	r := v.record()
	last, _ := r.find("last")
	n, _ := last.int()
	freed = handles{last: uint32(n)}
	free, _ := r.find("free")
	for in := free.data; len(in) >= 4; in = in[4:] {
		freed.free = append(freed.free, uint32(le32(in)))
	}
	all, _ := r.find("stores")
	states := all.record()
	for _, s := range stores {
		s.reset()
		if v, ok := states.find(s.label()); ok {
			bindWith(s.bindable(), Binder{mode: bindFields, rec: v.record()})
		}
	}
	list, _ := r.find("islands")
	type changed struct {
		is   *island
		root uint32
	}
	var anew []changed
	for in := list.data; in != ""; {
		var v value
		v, in = readValue(in)
		is, root, same := restoreIsland(v.record())
		if is == nil {
			continue // Its component is not in this build of the module.
		}
		islands = append(islands, is)
		if !same {
			anew = append(anew, changed{is, root})
		}
	}
	sendTemplates()
	for _, c := range anew {
		newBlock(c.is.tape, 0, 0, 0, false)
		words(patchReplace, c.root, c.is.root())
	}
	return ""
}

// restoreIsland returns the island, the handle that its root had, and whether it renders as before.
func restoreIsland(r record) (is *island, root uint32, same bool) {
	is = &island{name: r.text("c"), id: r.text("id")}
	d := definitionOf(is.name)
	if d == nil {
		return nil, 0, false
	}
	is.props, _ = r.find("p")
	state, _ := r.find("s")
	kidStates, _ := r.find("k")
	handles, _ := r.find("h")
	digest, _ := r.find("d")
	currentName = is.name
	is.comp = create(d, is.props.record())
	bindWith(is.comp, Binder{mode: bindState, rec: state.record()})
	restoring = kidStates.data
	renderIsland(is.comp)
	restoring, restored = "", ""
	is.adopt()
	currentName = ""

	in := handles.data
	if len(in) >= 4 {
		root = uint32(le32(in))
	}
	for i := range is.tape {
		if e := &is.tape[i]; e.isOpen() {
			if len(in) < 4 {
				return is, root, false
			}
			e.setHandle(uint32(le32(in)))
			in = in[4:]
		}
	}
	was, _ := digest.int()
	return is, root, in == "" && seal(is.tape, false) == uint64(was)
}
