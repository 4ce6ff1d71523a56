package ui

// island is a hydrated island.
type island struct {
	name  string
	id    string
	props value
	comp  Component
	tape  []entry
	kids  []Component
	reads uint64 // the stores that its Render read

	touched   bool   // one of its handlers ran
	sealed    bool   // digest is up to date
	persisted string // the state that the browser stores
	digest    uint64
}

func (is *island) root() uint32 { return is.tape[0].handle() }

var islands []*island

const (
	islandAgrees = 1
	islandMount  = 2
)

// hydrate is the browser's call that hydrates islands of the page.
func hydrate(in string) uint32 {
	if reason := refusal(in); reason != "" {
		return refuse(reason)
	}
	in = string(append([]byte(nil), in...)) // components may keep parts of it
	v, _ := readValue(in)
	message := v.record()
	list, _ := message.find("islands")
	saved, continued := message.find("saved")
	for in := list.data; in != "" && list.tag == tagList; {
		var v value
		v, in = readValue(in)
		r := v.record()
		if name := r.text("c"); definitionOf(name) == nil && !continued {
			return refuse("hydrate: there is no component named " + name)
		}
	}
	loadContext(&message, len(islands) == 0)
	beginPatch()
	effects = effects[:0]
	if continued {
		if reason := restore(saved.data); reason != "" {
			return refuse(reason)
		}
	}
	came := loadStores(&message, len(islands) == 0 && !continued)
	if list.tag == tagList {
		mount(list.data, came)
	} else {
		mount("", came)
	}
	sendEffects()
	endPatch()
	return 0
}

func mount(in string, came uint64) {
	first := len(islands)
	var digests []value
	for in != "" {
		var v value
		v, in = readValue(in)
		r := v.record()
		frame[frameCurrent]++
		is := &island{name: r.text("c"), id: r.text("id")}
		if islandOf(is.id) != nil || definitionOf(is.name) == nil {
			continue // It is restored or hydrated already, or this build does not have it any more.
		}
		is.props, _ = r.find("p")
		d, _ := r.find("d")
		digests = append(digests, d)
		currentName = is.name
		is.comp = create(definitionOf(is.name), is.props.record())
		renderIsland(is.comp)
		is.adopt()
		islands = append(islands, is)
	}
	frame[frameCurrent] = 0
	var changed []*island
	for _, is := range islands[:first] {
		if is.reads&came != 0 {
			changed = append(changed, is)
		}
	}
	update(changed)
	for i, is := range islands[first:] {
		currentName = is.name
		is.digest, is.sealed = seal(is.tape, false), true
		flags := uint32(islandMount)
		if d, ok := digests[i].text(); ok {
			flags = 0
			if d == hex64(is.digest) {
				flags = islandAgrees
			}
		}
		at := len(patch.words)
		words(patchIsland, 0, flags)
		patchText(is.id)
		newBlock(is.tape, 0, 0, 0, true)
		patch.words[at+1] = is.root()
	}
	currentName = ""
	for _, is := range islands[first:] {
		is.callHydrated(is.comp)
		for _, k := range is.kids {
			is.callHydrated(k)
		}
	}
}

// callHydrated asks for a call of the handler Hydrated, by a timer: a patch that hydrates must not
// change anything.
func (is *island) callHydrated(c Component) {
	if hasHandler(c, "Hydrated") {
		texts := []string{"0", "Hydrated"}
		effects = append(effects, effect{kind: effectTimer, owner: c, from: is, texts: texts})
	}
}

func islandOf(id string) *island {
	for _, is := range islands {
		if is.id == id {
			return is
		}
	}
	return nil
}

// adopt takes over what was just rendered.
func (is *island) adopt() {
	is.tape, tape = tape, is.tape[:0]
	is.kids, kids = kids, is.kids[:0]
	is.reads = readStores
	is.sealed = false
}

// update renders islands again and writes what has changed.
func update(changed []*island) {
	if len(changed) == 0 {
		sendTemplates()
		return
	}
	// All templates come first, so all is rendered before anything is compared.
	olds := make([][]entry, len(changed))
	for i, is := range changed {
		currentName = is.name
		renderIsland(is.comp)
		olds[i] = is.tape
		is.tape = spareTape()
		is.adopt()
	}
	sendTemplates()
	for i, is := range changed {
		currentName = is.name
		diffBlock(olds[i], 0, is.tape, 0)
		keepTape(olds[i])
	}
	currentName = ""
}

// A tape that was compared is reused by the next render.
var tapes [][]entry

func spareTape() []entry {
	if n := len(tapes); n > 0 {
		t := tapes[n-1]
		tapes = tapes[:n-1]
		return t[:0]
	}
	return nil
}

func keepTape(t []entry) {
	clear(t)
	if len(tapes) < 8 {
		tapes = append(tapes, t[:0])
	}
}

func hex64(h uint64) string {
	const digits = "0123456789abcdef"
	var b [16]byte
	for i := range b {
		b[i] = digits[h>>(60-4*i)&15]
	}
	return string(b[:])
}

// unmount forgets an island whose elements are gone.
func unmount(in string) uint32 {
	if reason := refusal(in); reason != "" {
		return refuse(reason)
	}
	v, _ := readValue(in)
	message := v.record()
	h, _ := message.find("h")
	handle, _ := h.int()
	for i, is := range islands {
		if int64(is.root()) == handle {
			freed.give(is.tape)
			freed.release()
			islands = append(islands[:i], islands[i+1:]...)
			return 0
		}
	}
	return refuse("unmount: there is no island of that handle")
}
