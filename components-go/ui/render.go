package ui

const noOffset = 0xFFFFFFFF

// renderIsland renders a component to the tape.
func renderIsland(c Component) {
	runRender(c)
	if missed {
		recording.begin()
		runRender(c)
		recording.end()
	}
}

func runRender(c Component) {
	tape, kids, slotNo, missed, readStores = tape[:0], kids[:0], 0, false, 0
	restored = restoring
	current, phase = c, phaseRender
	at, slots := openBlock(formOpen)
	closeBlock(at, slots, c.Render())
	phase = phaseIdle
}

// create makes a component and gives it its props.
func create(d *definition, props record) Component {
	c := d.new()
	bindWith(c, Binder{mode: bindProps, rec: props})
	if i, ok := c.(initializer); ok {
		i.Init()
	}
	return c
}

// render is the server's call: HTML for a batch of islands.
func render(in string) uint32 {
	if reason := refusal(in); reason != "" {
		return refuse(reason)
	}
	v, _ := readValue(in)
	message := v.record()
	loadContext(&message, true)
	loadStores(&message, true)
	list, _ := message.find("islands")
	if list.tag != tagList {
		return refuse("render: there is no list of islands")
	}
	for in := list.data; in != ""; {
		var v value
		v, in = readValue(in)
		island := v.record()
		name := island.text("c")
		d := definitionOf(name)
		if d == nil {
			return refuse("render: there is no component named " + name)
		}
		id := island.text("id")
		props, _ := island.find("p")
		bare := island.text("h") == "none"
		frame[frameCurrent] = frame[frameFinished] + 1
		currentName = name
		unread = resultNoPath | resultNoTime
		renderOne(create(d, props.record()), id, bare)
		currentName = ""
		frame[frameFinished]++
		frame[frameCurrent] = 0
	}
	return 0
}

var walk walker

func renderOne(c Component, id string, bare bool) {
	renderIsland(c)
	digest := seal(tape, true)
	start := uint32(len(out.b))
	walk.scope = append(walk.scope[:0], id...)
	walk.bare, walk.acts, walk.slot, walk.choosing = bare, false, noOffset, false
	walk.block(0)
	flags := unread
	if walk.acts {
		flags |= resultActs
	}
	results = append(
		results,
		start,
		uint32(len(out.b))-start,
		uint32(digest),
		uint32(digest>>32),
		walk.slot,
		flags,
		0,
		0,
	)
	frame[frameResults] = address(results)
	out.done()
}

// walker writes the HTML of a sealed tape.
type walker struct {
	scope []byte
	slot  uint32
	bare  bool
	acts  bool
	// set while a select is written and its option was not found yet
	choosing bool
	choice   string
}

// block writes the block that begins at the entry, and gives the index behind it.
func (w *walker) block(at int) int {
	t := &templates[tape[at].template()]
	w.acts = w.acts || t.acts
	ops := t.live
	if w.bare {
		ops = t.bare
	}
	at++
	for i := range ops {
		o := &ops[i]
		out.string(o.lead)
		e := at + int(o.skip)
		at += int(o.take)
		switch o.code {
		case opScope:
			out.bytes(w.scope)
		case opText:
			out.escaped(&tape[e], false)
		case opAttr:
			if tape[e].form != formAbsent {
				out.string(o.name)
				out.escaped(&tape[e], true)
				out.string(`"`)
			}
		case opBool:
			if tape[e].n != 0 {
				out.string(o.name)
			}
		case opClass:
			for _, c := range o.class {
				if tape[e+int(c.at)].n != 0 {
					out.string(c.name)
				}
			}
		case opRaw:
			out.string(tape[e].s)
		case opArea:
			if s := tape[e].s; s != "" && s[0] == '\n' {
				out.string("\n")
			}
			out.escaped(&tape[e], false)
		case opChoose:
			w.choosing, w.choice = true, tape[e].s
		case opOption:
			if w.choosing && w.isChoice(o.value, tape[e:]) {
				out.string(" selected")
				w.choosing = false
			}
		case opChosen:
			w.choosing = false
		case opSlot:
			w.slot = uint32(len(out.b))
		case opBlock:
			if tape[at].form == formClosed {
				at++
				break
			}
			length := len(w.scope)
			w.scope = append(w.scope, o.name...)
			at = w.block(at)
			w.scope = w.scope[:length]
		case opList:
			at = w.list(at, o.name)
		}
	}
	return at
}

// isChoice tells whether an option's value is that of the select. The parts are read from the
// beginning of the tape.
func (w *walker) isChoice(value []valuePart, t []entry) bool {
	rest := w.choice
	for i := range value {
		part := value[i].text
		if value[i].slot {
			part = t[value[i].at].s
		}
		if len(part) > len(rest) || rest[:len(part)] != part {
			return false
		}
		rest = rest[len(part):]
	}
	return rest == ""
}

func (w *walker) list(at int, path string) int {
	length := len(w.scope)
	w.scope = append(append(w.scope, path...), ':')
	inner := len(w.scope)
	rows := tape[at].n
	at++
	for range rows {
		w.scope = appendKey(w.scope[:inner], &tape[at])
		at = w.block(at + 1)
	}
	w.scope = w.scope[:length]
	return at
}
