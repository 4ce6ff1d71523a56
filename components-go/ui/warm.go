package ui

// warm records the shapes of components, so that a snapshot of the instance has them: both branches of each
// condition, and one row of each list. Nothing else of it stays.
func warm(in string) uint32 {
	if reason := refusal(in); reason != "" {
		return refuse(reason)
	}
	v, _ := readValue(in)
	message := v.record()
	loadContext(&message, true)
	loadStores(&message, true)
	names, _ := message.find("components")
	for in := names.data; in != "" && names.tag == tagList; {
		var v value
		v, in = readValue(in)
		name, _ := v.text()
		d := definitionOf(name)
		if d == nil {
			return refuse("warm: there is no component named " + name)
		}
		currentName = name
		c := create(d, record{})
		exploring = true
		recording.begin()
		runRender(c)
		recording.end()
		exploring = false
		currentName = ""
	}
	for _, s := range stores {
		s.reset()
	}
	reserve()
	return 0
}

// reserve makes the buffers that a page needs, once, so that no request grows them.
func reserve() {
	tape = make([]entry, 0, 4096)
	kids = nil
	input = make([]byte, 128<<10)
	out.b = make([]byte, 0, 128<<10)
	arena = make([]byte, 0, 8<<10)
	results = make([]uint32, 0, 8*128)
	walk.scope = make([]byte, 0, 256)
	out.done()
	alloc(0)
}
