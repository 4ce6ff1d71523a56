package ui

// describing collects what Bind names, as the value that describe puts out.
type describing struct {
	props    writer
	state    writer
	handlers writer
	paths    []byte // the fields of a fetch: NUL-separated paths, when wanted
	prefix   string
	fetch    bool
	depth    int // in records
}

// field describes {name, type}.
func (d *describing) field(name, kind string) {
	if d.fetch {
		d.path(name)
		return
	}
	at := d.props.begin(tagRecord)
	d.head(name, kind)
	d.props.end(at)
}

func (d *describing) head(name, kind string) {
	d.props.key("name")
	d.props.text(name)
	d.props.key("type")
	d.props.text(kind)
}

// listOf describes a list of plain values.
func (d *describing) listOf(name, of string) {
	if d.fetch {
		d.path(name + "[]")
		return
	}
	at := d.props.begin(tagRecord)
	d.head(name, "list")
	d.props.key("of")
	d.props.text(of)
	d.props.end(at)
}

// record describes a record, or a list of records.
func (d *describing) record(name, kind string, fields Bindable) {
	if d.fetch {
		outer := d.prefix
		d.prefix += name
		if kind == "list" {
			d.prefix += "[]"
		}
		d.prefix += "."
		d.into(fields)
		d.prefix = outer
		return
	}
	at := d.props.begin(tagRecord)
	d.head(name, kind)
	d.props.key("fields")
	list := d.props.begin(tagList)
	d.into(fields)
	d.props.end(list)
	d.props.end(at)
}

func (d *describing) into(fields Bindable) {
	d.depth++
	bindWith(fields, Binder{mode: bindDescribe, list: d})
	d.depth--
}

func (d *describing) path(name string) {
	d.paths = append(append(append(d.paths, d.prefix...), name...), 0)
}

// describe puts out what this module has.
func describe() {
	var w writer
	all := w.begin(tagRecord)
	w.key("abi")
	w.int(abiVersion)
	w.key("lane")
	w.text(lane)
	w.key("components")
	components := w.begin(tagList)
	for i := range definitions {
		d := &definitions[i]
		var list describing
		bindWith(d.new(), Binder{mode: bindDescribe, list: &list})
		at := w.begin(tagRecord)
		w.key("name")
		w.text(d.name)
		w.key("personal")
		w.bool(d.personal)
		w.key("slot")
		w.bool(d.slot)
		w.key("hydrate")
		w.text(d.hydrate)
		w.list("props", list.props.b)
		w.list("state", list.state.b)
		w.list("handlers", list.handlers.b)
		var keys writer
		for key, rest := nextKey(d.messages); key != ""; key, rest = nextKey(rest) {
			keys.text(key)
		}
		w.list("messages", keys.b)
		w.end(at)
	}
	w.end(components)
	w.key("stores")
	names := w.begin(tagList)
	for _, s := range stores {
		w.text(s.label())
	}
	w.end(names)
	w.end(all)
	out.bytes(w.b)
	out.done()
}

func (w *writer) list(key string, values []byte) {
	w.key(key)
	w.head(tagList, len(values))
	w.b = append(w.b, values...)
}
