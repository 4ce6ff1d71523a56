package ui

import "unsafe"

// warm records the shapes of components for the snapshot of the instance: both branches of each
// condition, and one row of each list. It changes nothing else.
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

// Offsets of the buffers in the one page of memory that a small island needs.
const (
	page         = 4096
	resultsStart = 256
	inputStart   = 1536
	outputStart  = 3072
)

// reserve allocates the buffers that a page of a shop needs, so that no request grows them. Their
// first parts share one page of memory: hosts reset every page that an instance wrote to.
func reserve() {
	recording = recorder{turn: recording.turn}
	tape, kids = nil, nil
	tidy()
	tape = make([]entry, 0, 4096)
	spare = make([]byte, 128<<10)
	arena = make([]byte, 0, 8<<10)
	b := make([]byte, page+outputStart+128<<10)
	fillHoles(b)
	b = b[-address(b)&(page-1):]
	walk.scope = b[0:0:resultsStart]
	words := (*uint32)(unsafe.Pointer(&b[resultsStart]))
	results = unsafe.Slice(words, (inputStart-resultsStart)/4)[:0]
	input = b[inputStart:outputStart:outputStart]
	out.b = b[outputStart : outputStart : outputStart+128<<10]
	out.done()
	alloc(0)
}
