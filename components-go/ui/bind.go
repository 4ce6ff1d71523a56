package ui

// A Binder is passed to Bind, which declares the props, state and handlers of a component:
//
//	func (c *Counter) Bind(b *ui.Binder) {
//		b.Prop("start").Int64(&c.value)
//		b.State("value").Int64(&c.value)
//		b.On("Inc", c.Inc)
//	}
//
// Everything that is bound is public: the page's snapshot contains it.
type Binder struct {
	mode   uint8
	active bool // the current field takes part
	has    bool // its value is there
	rec    record
	cur    value
	name   string
	out    *writer
	list   *describing
	want   string
	event  Event
	found  bool // the handler, or one of the values to read
}

const (
	bindProps uint8 = iota + 1
	bindState
	bindSave
	bindFields     // the fields of a record are read
	bindSaveFields // … or written
	bindDescribe
	bindFind
	bindProbe
)

// A Field is one named value of a component, a store or a record.
type Field struct{ b *Binder }

// Prop names a value that a template, or the parent component, sets.
//
//go:inline
func (b *Binder) Prop(name static) Field {
	return b.field(string(name), b.mode == bindProps || b.mode == bindDescribe)
}

// State names a value that handlers change and Render reads. It is saved after each event, and
// restored when a new instance replaces one that trapped. The state of a nested component is saved
// while it is rendered; b.State("stepper").Record(&c.stepper) saves it while it is not.
func (b *Binder) State(name static) Field {
	if b.mode == bindDescribe {
		if b.list.depth == 0 {
			b.list.state.text(string(name))
		}
		b.active = false
		return Field{b}
	}
	return b.field(string(name), b.mode >= bindState && b.mode <= bindSaveFields)
}

// Field names a value of a record: of a product, of a line in the cart, of an answer.
//
//go:inline
func (b *Binder) Field(name static) Field {
	return b.field(
		string(name),
		b.mode == bindFields || b.mode == bindSaveFields || b.mode == bindDescribe,
	)
}

// On names a handler. Scripts of the page can call it with any arguments, so treat them as
// untrusted input.
func (b *Binder) On(name static, handler func(Event)) {
	switch b.mode {
	case bindDescribe:
		if b.list.depth == 0 {
			b.list.handlers.text(string(name))
		}
	case bindFind:
		if !b.found && b.want == string(name) {
			b.found = true
			handler(b.event)
		}
	case bindProbe:
		b.found = b.found || b.want == string(name)
	}
}

//go:noinline
func (b *Binder) field(name string, active bool) Field {
	b.active = active
	if active {
		switch b.mode {
		case bindProps, bindState, bindFields:
			b.cur, b.has = b.rec.find(name)
			b.active = b.has
			b.found = b.found || b.has
		default:
			b.name = name
		}
	}
	return Field{b}
}

func (b *Binder) loading() bool {
	return b.mode == bindProps || b.mode == bindState || b.mode == bindFields
}

// saving begins the entry of the current field in the output, where one is written.
func (b *Binder) saving() bool {
	if b.mode != bindSave && b.mode != bindSaveFields {
		return false
	}
	b.out.key(b.name)
	return true
}

// Opt is for a value that may be missing, or null: present tells whether it is there.
func (f Field) Opt(present *bool) Field {
	b := f.b
	switch {
	case b.mode == bindSave && b.active, b.mode == bindSaveFields && b.active:
		if !*present && b.saving() {
			b.out.null()
			b.active = false
		}
	case b.mode == bindFields || b.mode == bindProps && b.active || b.mode == bindState && b.active:
		*present = b.active && b.cur.tag != tagNull
	}
	return f
}

// Int64 binds an integer.
func (f Field) Int64(p *int64) { f.int(p, "int64") }

// Money binds an amount in minor units.
func (f Field) Money(p *Money) { f.int((*int64)(p), "money") }

func (f Field) int(p *int64, kind string) {
	if b := f.b; b.active {
		switch {
		case b.loading():
			if n, ok := b.cur.int(); ok {
				*p = n
			}
		case b.saving():
			b.out.int(*p)
		default:
			b.list.field(b.name, kind)
		}
	}
}

// Int32 binds an integer of 32 bits; one that does not fit is ignored.
func (f Field) Int32(p *int32) {
	if b := f.b; b.active {
		switch {
		case b.loading():
			if n, ok := b.cur.int(); ok && n == int64(int32(n)) {
				*p = int32(n)
			}
		case b.saving():
			b.out.int(int64(*p))
		default:
			b.list.field(b.name, "int32")
		}
	}
}

// Bool binds a truth value.
func (f Field) Bool(p *bool) {
	if b := f.b; b.active {
		switch {
		case b.loading():
			if on, ok := b.cur.bool(); ok {
				*p = on
			}
		case b.saving():
			b.out.bool(*p)
		default:
			b.list.field(b.name, "bool")
		}
	}
}

// String binds a text.
func (f Field) String(p *string) {
	if b := f.b; b.active {
		switch {
		case b.loading():
			if s, ok := b.cur.text(); ok {
				*p = s
			}
		case b.saving():
			b.out.text(clean(*p))
		default:
			b.list.field(b.name, "text")
		}
	}
}

// Strings binds a list of texts.
func (f Field) Strings(p *[]string) {
	bindList(f.b, p, "text", value.text, func(out *writer, s string) { out.text(clean(s)) })
}

// Int64s binds a list of integers.
func (f Field) Int64s(p *[]int64) { bindList(f.b, p, "int64", value.int, (*writer).int) }

func bindList[T any](
	b *Binder,
	p *[]T,
	of string,
	read func(value) (T, bool),
	write func(*writer, T),
) {
	switch {
	case !b.active:
	case b.loading():
		if b.cur.tag != tagList {
			return
		}
		list := (*p)[:0:0]
		for in := b.cur.data; in != ""; {
			var v value
			v, in = readValue(in)
			one, ok := read(v)
			if !ok && v.tag != tagNull {
				return
			}
			list = append(list, one)
		}
		*p = list
	case b.saving():
		at := b.out.begin(tagList)
		for _, one := range *p {
			write(b.out, one)
		}
		b.out.end(at)
	default:
		b.list.listOf(b.name, of)
	}
}

// Bindable has fields: a record of a component, a store's state, the answer to a fetch.
type Bindable interface{ Bind(b *Binder) }

// Record binds a record, whose Bind names its fields.
func (f Field) Record(p Bindable) {
	if b := f.b; b.active {
		switch {
		case b.loading():
			if b.cur.tag == tagRecord {
				bindWith(p, Binder{mode: bindFields, rec: b.cur.record()})
			}
		case b.saving():
			saveFields(b.out, p)
		default:
			b.list.record(b.name, "record", p)
		}
	}
}

// Records binds a list of records, whose Bind names their fields:
//
//	ui.Records(b.Prop("lines"), &c.lines)
func Records[T any, P interface {
	*T
	Bindable
}](f Field, p *[]T) {
	b := f.b
	if !b.active {
		return
	}
	switch {
	case b.loading():
		if b.cur.tag != tagList {
			return
		}
		n := 0
		for in := b.cur.data; in != ""; n++ {
			_, in = readValue(in)
		}
		list := make([]T, n)
		in := b.cur.data
		for i := range list {
			var v value
			v, in = readValue(in)
			if v.tag != tagRecord && v.tag != tagNull {
				return
			}
			bindWith(P(&list[i]), Binder{mode: bindFields, rec: v.record()})
		}
		*p = list
	case b.saving():
		at := b.out.begin(tagList)
		for i := range *p {
			saveFields(b.out, P(&(*p)[i]))
		}
		b.out.end(at)
	default:
		b.list.record(b.name, "list", P(new(T)))
	}
}

func saveFields(out *writer, p Bindable) {
	at := out.begin(tagRecord)
	bindWith(p, Binder{mode: bindSaveFields, out: out})
	out.end(at)
}

// Binders are taken from a stack: one that is passed to an interface's method would be allocated
// for each call.
var (
	binders     [maxNesting + 2]Binder
	binderDepth int
)

// bindWith runs Bind with a binder set up like this one, and returns it; it is valid until the next
// call.
func bindWith(p Bindable, setup Binder) *Binder {
	if binderDepth == len(binders) {
		fail("records are nested deeper than 16")
	}
	b := &binders[binderDepth]
	*b = setup
	binderDepth++
	p.Bind(b)
	binderDepth--
	return b
}

func hasHandler(c Component, name string) bool {
	return bindWith(c, Binder{mode: bindProbe, want: name}).found
}
