package ui

// An Event is passed to a handler: a click, a key, the answer to a fetch, a call by a script.
type Event struct{ data *eventData }

type eventData struct {
	kind string
	v    record
	key  entry // of the row; absent outside of a list
}

func (e Event) find(name string) value {
	if e.data == nil {
		return value{}
	}
	r := record{e.data.v.all, e.data.v.all}
	v, _ := r.find(name)
	return v
}

// Type is the event's type: "click", "input", …, "call" for a call by a script, "fetch", "timer",
// "observe", "paint" and "answer" for the results of effects, "resume" and "leave" for what happens
// to the page.
func (e Event) Type() string {
	if e.data == nil {
		return ""
	}
	return e.data.kind
}

// Key is the key of the list's row in which the event happened: the innermost one. It is 0 outside
// of a list, and in a list whose keys are texts.
func (e Event) Key() int64 {
	if e.data == nil || e.data.key.form != formInt {
		return 0
	}
	return e.data.key.n
}

// KeyText is Key for lists whose keys are texts.
func (e Event) KeyText() string {
	if e.data == nil || e.data.key.form != formText {
		return ""
	}
	return e.data.key.s
}

// Value is the value of the input, select or textarea on which the event happened.
func (e Event) Value() string { return e.textOf("value") }

// Checked tells whether the checkbox on which the event happened is on.
func (e Event) Checked() bool {
	on, _ := e.find("checked").bool()
	return on
}

// Pressed is the key of a keyboard event: "Enter", "ArrowDown", "a".
func (e Event) Pressed() string { return e.textOf("key") }

// Alt, Ctrl, Meta and Shift tell which modifier keys were held down.
func (e Event) Alt() bool   { return e.modifier(1) }
func (e Event) Ctrl() bool  { return e.modifier(2) }
func (e Event) Meta() bool  { return e.modifier(4) }
func (e Event) Shift() bool { return e.modifier(8) }

func (e Event) modifier(bit int64) bool {
	n, _ := e.find("mods").int()
	return n&bit != 0
}

// Composing tells, of an input event, whether the text is still being composed: an input method
// (for Chinese or Japanese, or for accents) may change it before the visitor accepts it.
func (e Event) Composing() bool {
	on, _ := e.find("composing").bool()
	return on
}

// Open tells whether the details element, the dialog or the popover on which the event happened is
// open now.
func (e Event) Open() bool {
	on, _ := e.find("open").bool()
	return on
}

// Pointer is where the mouse, a finger or a pen was, in CSS pixels.
type Pointer struct {
	X, Y             int64  // in the window
	OffsetX, OffsetY int64  // from the top left corner of the element with the handler
	Width, Height    int64  // of the element with the handler
	Button           int64  // 0 main, 1 middle, 2 second; -1 none
	Type             string // "mouse", "touch" or "pen"; empty where the browser does not say
}

// Pointer tells where a pointer event or a click happened.
func (e Event) Pointer() Pointer {
	r := e.find("pointer").record()
	return Pointer{r.int("x"), r.int("y"), r.int("dx"), r.int("dy"), r.int("w"), r.int("h"),
		r.int("button"), r.text("type")}
}

// Form is a field of the form in which the event happened.
func (e Event) Form(name string) string {
	r := e.find("form").record()
	return r.text(name)
}

// FormFields are the fields of the form in which the event happened whose names begin with prefix,
// in the form's order: those that other components, or the template, have put into the form.
//
//	form := e.FormFields("attributes[").Int("variant_id", c.variant)
func (e Event) FormFields(prefix static) (fields FormData) {
	for in := e.find("form").record().all; in != ""; {
		name, v, rest, ok := readEntry(in)
		if !ok {
			break
		}
		if len(name) >= len(prefix) && name[:len(prefix)] == string(prefix) {
			text, _ := v.text()
			fields = fields.Str(name, text)
		}
		in = rest
	}
	return fields
}

// ArgText is an argument of a call by a script, from 0, as text.
func (e Event) ArgText(i int) string {
	s, _ := e.arg(i).text()
	return s
}

// ArgInt is an argument of a call by a script, from 0, as integer.
func (e Event) ArgInt(i int) int64 {
	n, _ := e.arg(i).int()
	return n
}

func (e Event) arg(i int) value {
	for in := e.find("args").data; in != ""; i-- {
		var v value
		v, in = readValue(in)
		if i == 0 {
			return v
		}
	}
	return value{}
}

// OK tells whether a fetch was answered with a status of 200 to 299, or a script did not fail.
func (e Event) OK() bool {
	ok, _ := e.find("ok").bool()
	return ok
}

// Status is the status of the answer to a fetch: 0 when the network failed.
func (e Event) Status() int64 {
	n, _ := e.find("status").int()
	return n
}

// Visible tells whether an observed element is in view.
func (e Event) Visible() bool {
	on, _ := e.find("visible").bool()
	return on
}

// Data reads the answer to a fetch, or of a script, by the Bind that was given as Wants.
func (e Event) Data(into Bindable) {
	bindWith(into, Binder{mode: bindFields, rec: e.find("data").record()})
}

func (e Event) textOf(name string) string {
	s, _ := e.find(name).text()
	return s
}

// receive is the call for events and messages.
func receive(in string) uint32 {
	if reason := refusal(in); reason != "" {
		return refuse(reason)
	}
	in = string(append([]byte(nil), in...)) // handlers may keep parts of it
	m, _ := readValue(in)
	message := m.record()
	h, _ := message.find("h")
	handle, _ := h.int()
	on := message.text("on")
	data := &eventData{kind: message.text("type"), key: entry{form: formAbsent}}
	v, _ := message.find("v")
	data.v = v.record()

	beginPatch()
	wroteStores = 0
	effects = effects[:0]
	if handle == 0 {
		// Messages to the whole page of other types, from later versions, are skipped.
		switch data.kind {
		case "resume":
			notifyAll("Resume", data)
		case "leave":
			notifyAll("Leave", data)
		}
	} else {
		is, c := locate(uint32(handle), data)
		if is == nil || handle <= 0 || handle > absent {
			return refuse("there is no block with the handle " + decimal(handle))
		}
		if on == "" {
			// Such a message is for the kit. Unknown types are skipped.
			if data.kind == "persisted" && restorePersisted != nil {
				restorePersisted(is, data.v)
			}
		} else if !is.handle(c, on, data) {
			return refuse("component " + is.name + " has no handler " + on)
		}
	}
	settle()
	endPatch()
	return 0
}

// handle runs a handler of a component of the island.
func (is *island) handle(c Component, on string, data *eventData) bool {
	currentName, current, acting = is.name, c, is
	phase = phaseHandler
	b := bindWith(c, Binder{mode: bindFind, want: on, event: Event{data}})
	phase = phaseIdle
	currentName, acting = "", nil
	is.touched = is.touched || b.found
	return b.found
}

// notifyAll calls the handler of that name of every component that has one.
func notifyAll(handler string, data *eventData) {
	for _, is := range islands {
		is.notify(handler, data)
	}
}

func (is *island) notify(handler string, data *eventData) {
	is.handle(is.comp, handler, data)
	for _, k := range is.kids {
		is.handle(k, handler, data)
	}
}

// settle renders what may have changed, and writes the patch and the effects.
func settle() {
	var changed []*island
	for _, is := range islands {
		if is.touched || is.reads&wroteStores != 0 {
			changed = append(changed, is)
		}
		is.touched = false
	}
	update(changed)
	if persistChanged != nil {
		persistChanged(changed)
	}
	if context.Dev {
		reportUnsaved(changed)
	}
	sendEffects()
}

// locate finds the island and the component to which a block belongs, and the key of the row it is
// in.
func locate(handle uint32, data *eventData) (*island, Component) {
	for _, is := range islands {
		for i := range is.tape {
			if e := &is.tape[i]; e.isOpen() && e.handle() == handle {
				return is, is.around(i, data)
			}
		}
	}
	return nil, nil
}

// around walks down to the block at the entry, through the blocks that contain it.
func (is *island) around(target int, data *eventData) Component {
	c, kid := is.comp, 0
	for i := 0; i <= target; {
		e := &is.tape[i]
		if !e.isOpen() && e.form != formList {
			i++
			continue
		}
		if int(e.a) <= target {
			for ; i < int(e.a); i++ {
				if is.tape[i].form == formChild {
					kid++
				}
			}
			continue
		}
		switch e.form {
		case formRow:
			data.key = is.tape[i-1]
		case formChild:
			c = is.kids[kid]
			kid++
		}
		i++
	}
	return c
}
