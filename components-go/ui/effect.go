package ui

import "unsafe"

// Effects are what a handler asks the browser to do. They are carried out after the handler has
// returned and its changes are shown; their results arrive as events.

const (
	effectFetch = iota + 1
	effectTimer
	effectNavigate
	effectFocus
	effectAnnounce
	effectKey
	effectDialog
	effectObserve
	effectCall
	effectPaint
	effectPersist
)

type effect struct {
	kind  uint32
	owner Component
	from  *island
	texts []string
}

var (
	effects []effect
	acting  *island // whose handler runs
)

func addEffect(what string, kind uint32, texts ...string) {
	needHandler(what)
	effects = append(effects, effect{kind: kind, owner: current, from: acting, texts: texts})
}

// A Request is what Fetch sends.
type Request struct {
	Method string   // GET when empty
	URL    string   // of this site
	Form   FormData // the body, or for GET the query
	Wants  Bindable // whose Bind names the fields of the answer; nil: none
	Then   static   // the handler that receives the answer
}

// Fetch asks the server, without waiting: the handler Then is called with the answer. Only the
// fields that Wants names come back; it reads them with Event.Data.
//
//	ui.Fetch(ui.Request{
//		Method: "POST", URL: "/cart/add", Form: form, Wants: &CartAnswer{}, Then: "Added",
//	})
func Fetch(r Request) {
	texts := []string{r.Method, r.URL, r.Form.text, string(r.Then)}
	if r.Method == "" {
		texts[0] = "GET"
	}
	if texts[0] == "GET" && r.Form.text != "" {
		texts[1] += queryMark(r.URL) + r.Form.text
		texts[2] = ""
	}
	if r.Then != "" {
		mustHandle("ui.Fetch", r.Then)
	}
	addEffect("ui.Fetch", effectFetch, appendFields(texts, r.Wants)...)
}

// mustHandle fails unless a handler runs, and its component has the one that the effect names.
func mustHandle(what string, handler static) {
	needHandler(what)
	if !hasHandler(current, string(handler)) {
		fail(what + ": there is no handler " + string(handler))
	}
}

// appendFields adds the paths of the fields of an answer.
func appendFields(texts []string, wants Bindable) []string {
	if wants == nil {
		return texts
	}
	d := describing{fetch: true}
	bindWith(wants, Binder{mode: bindDescribe, list: &d})
	from := 0
	for i, c := range d.paths {
		if c == 0 {
			texts = append(texts, string(d.paths[from:i]))
			from = i + 1
		}
	}
	return texts
}

func queryMark(url string) string {
	for i := 0; i < len(url); i++ {
		if url[i] == '?' {
			return "&"
		}
	}
	return "?"
}

// FormData is the body of a request, field by field: ui.FormData{}.Int("variant_id",
// id).Str("return_to", "/cart").
type FormData struct{ text string }

// Str adds a field.
func (f FormData) Str(name, value string) FormData {
	b := []byte(f.text)
	if len(b) > 0 {
		b = append(b, '&')
	}
	b = appendFormText(b, clean(name))
	b = append(b, '=')
	return FormData{string(appendFormText(b, clean(value)))}
}

// String is the form as it is sent: variant_id=7&note=for+Ann.
func (f FormData) String() string { return f.text }

// Int adds a field with an integer.
func (f FormData) Int(name string, value int64) FormData { return f.Str(name, decimal(value)) }

func appendFormText(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == ' ' {
			dst = append(dst, '+')
		} else {
			dst = appendEncoded(dst, s[i:i+1])
		}
	}
	return dst
}

// SharedKey puts a random key into a cookie of this name, unless there is one, before the fetches
// that the handler asks for after it: 128 bits as 32 hexadecimal digits, the same in all tabs. Over
// https the cookie's name begins with "__Host-". The server deletes it. It tells the server which
// concurrent requests belong together before it has answered one: both create the same new cart,
// for example.
func SharedKey(cookie static) { addEffect("ui.SharedKey", effectKey, string(cookie)) }

// Timer calls the handler after a time. A pending timer of this component for the same handler is
// replaced.
func Timer(milliseconds int64, handler static) { addTimer("ui.Timer", milliseconds, handler) }

// Debounce calls the handler after a pause: each further call restarts the time. When the page is
// left the handler is called at once, so that what a visitor typed or clicked is sent once and not
// lost. What it fetches then reaches the server, but it gets no answer.
//
//	func (c *Note) Typed(e ui.Event) { c.text = e.Value(); ui.Debounce(300, "Send") }
func Debounce(milliseconds int64, handler static) {
	addTimer("ui.Debounce", milliseconds, handler, "leave")
}

func addTimer(what string, milliseconds int64, handler static, more ...string) {
	mustHandle(what, handler)
	texts := []string{decimal(max(milliseconds, 0)), string(handler)}
	addEffect(what, effectTimer, append(texts, more...)...)
}

// Navigate goes to another page.
func Navigate(url string) { addEffect("ui.Navigate", effectNavigate, safeURL(url), "go") }

// ReplaceURL changes what the address bar shows, and nothing else.
func ReplaceURL(url string) {
	addEffect("ui.ReplaceURL", effectNavigate, safeURL(url), "replace")
}

// Focus moves the keyboard focus to the element with that Ref.
func Focus(ref static) { addEffect("ui.Focus", effectFocus, string(ref)) }

// Announce has screen readers read out a text, after what they are reading (aria-live=polite).
func Announce(text string) { addEffect("ui.Announce", effectAnnounce, text) }

// ShowModal opens the dialog with that Ref as a modal one: the rest of the page is inert until it
// is closed. A dialog that is already open is left as it is.
func ShowModal(ref static) { addEffect("ui.ShowModal", effectDialog, string(ref), "modal") }

// ShowDialog opens the dialog with that Ref, not modal.
func ShowDialog(ref static) { addEffect("ui.ShowDialog", effectDialog, string(ref), "show") }

// CloseDialog closes the dialog with that Ref.
func CloseDialog(ref static) { addEffect("ui.CloseDialog", effectDialog, string(ref), "close") }

// Observe calls the handler when the element with that Ref comes into view or leaves it:
// Event.Visible tells which. The handler is also called once at the beginning. Observing ends with
// the component; a further call for the same Ref and handler replaces the one before.
func Observe(ref, handler static) { addObserve("ui.Observe", ref, handler, "always") }

// ObserveOnce calls the handler once, when the element with that Ref is, or comes, into view.
func ObserveOnce(ref, handler static) { addObserve("ui.ObserveOnce", ref, handler, "once") }

func addObserve(what string, ref, handler static, how string) {
	mustHandle(what, handler)
	addEffect(what, effectObserve, string(ref), string(handler), how)
}

// AfterPaint calls the handler once the browser has painted what the current handler changed.
func AfterPaint(handler static) {
	mustHandle("ui.AfterPaint", handler)
	addEffect("ui.AfterPaint", effectPaint, string(handler))
}

// A Script is a JavaScript function that CallScript calls.
type Script struct {
	Name  static   // under which the page declared it: window.goFunctions = { NAME(args) { … } }
	Args  Bindable // the fields of its one argument, an object; nil: none
	Wants Bindable // whose Bind names the fields of the answer; nil: none
	Then  static   // the handler that receives the answer; none when empty
}

// CallScript calls a function that the page declared, and no other; its this is the root element of
// the component. What the function returns, or its promise resolves to, is the answer, which
// Event.Data reads. Event.OK tells whether the function exists and did not fail.
func CallScript(s Script) {
	if s.Then != "" {
		mustHandle("ui.CallScript", s.Then)
	}
	args := "{}"
	if s.Args != nil {
		var w writer
		saveFields(&w, s.Args)
		args = string(appendJSON(nil, view(w.b)))
	}
	texts := []string{string(s.Name), args, string(s.Then)}
	addEffect("ui.CallScript", effectCall, appendFields(texts, s.Wants)...)
}

// sendEffects writes the effects. Their target is the component that asked; 0 when it is gone.
func sendEffects() {
	for _, e := range effects {
		words(patchEffect, e.kind, e.from.rootOf(e.owner), uint32(len(e.texts)))
		for _, s := range e.texts {
			patchText(s)
		}
	}
	clear(effects)
	effects = effects[:0]
}

// identity is a component's address. Comparing interfaces would link in reflection.
func identity(c Component) uintptr { return (*[2]uintptr)(unsafe.Pointer(&c))[1] }

// rootOf gives the handle of a component's root block.
func (is *island) rootOf(c Component) uint32 {
	if identity(is.comp) == identity(c) {
		return is.root()
	}
	kid := 0
	for i := range is.tape {
		if is.tape[i].form != formChild {
			continue
		}
		if identity(is.kids[kid]) == identity(c) {
			return is.tape[i].handle()
		}
		kid++
	}
	return 0
}
