package ui

// Context describes the page, in the same way on the server and in the browser.
type Context struct {
	Locale   string // as in en-GB
	Lang     string // as in en
	Dir      string // ltr or rtl
	Currency string // as in EUR
	Prefix   string // of the addresses of its market, as in /fr; empty: none
	Dev      bool   // whether this is development

	path string
	time int64
}

// Path gives the path of the page, with its query, and without the prefix of its market. The server
// remembers what components render, for one path where they ask for it, else for all.
func (c *Context) Path() string {
	unread &^= resultNoPath
	return c.path
}

// Time gives the time when the page was made, in Unix milliseconds. What a component renders with
// it is not remembered.
func (c *Context) Time() int64 {
	unread &^= resultNoTime
	return c.time
}

var (
	context Context
	locale  table
)

// Ctx gives the context of the page that is rendered.
func Ctx() *Context { return &context }

// URL gives the address of a path of the shop, such as /cart, in the market of the page. Links,
// forms, Fetch and Navigate take it, so that a visitor stays in the market.
func URL(path string) string { return context.Prefix + path }

// loadContext reads ctx of a message. With fresh, a message without one has the defaults.
func loadContext(message *record, fresh bool) {
	v, ok := message.find("ctx")
	if !ok && !fresh {
		return
	}
	r := v.record()
	context = Context{Locale: "en", Lang: "en", Dir: "ltr"}
	setText(&context.Locale, &r, "locale")
	setText(&context.Lang, &r, "lang")
	setText(&context.Dir, &r, "dir")
	setText(&context.Currency, &r, "currency")
	setText(&context.path, &r, "path")
	setText(&context.Prefix, &r, "prefix")
	if v, ok := r.find("time"); ok {
		context.time, _ = v.int()
	}
	if v, ok := r.find("dev"); ok {
		context.Dev, _ = v.bool()
	}
	m, _ := r.find("messages")
	messages = m.record()
	clear(known[:])
	t, _ := r.find("table")
	locale = table{rec: t.record()}
}

func setText(p *string, r *record, key string) {
	if v, ok := r.find(key); ok {
		if s, ok := v.text(); ok {
			*p = s
		}
	}
}

// table is how numbers, money and dates are written in the page's locale. It is decoded when it is
// first used.
type table struct {
	rec                        record
	read                       bool
	decimal, group, minus      string
	primary, secondary, digits int
	symbol, money, negative    string
	plural                     string
	numerals                   string // the ten digits; empty: ASCII
}

func (t *table) ready() *table {
	if t.read {
		return t
	}
	r := t.rec
	*t = table{
		rec:       t.rec,
		read:      true,
		decimal:   ".",
		group:     ",",
		minus:     "-",
		primary:   3,
		secondary: 3,
		digits:    2,
		symbol:    context.Currency,
		money:     "{s}{n}",
		negative:  "-{s}{n}",
		plural:    "one_other",
	}
	setText(&t.decimal, &r, "decimal")
	setText(&t.group, &r, "group")
	setText(&t.minus, &r, "minus")
	setSize(&t.primary, &r, "primary")
	setSize(&t.secondary, &r, "secondary")
	setText(&t.symbol, &r, "symbol")
	setSize(&t.digits, &r, "digits")
	setText(&t.money, &r, "money")
	setText(&t.negative, &r, "money_neg")
	setText(&t.plural, &r, "plural")
	setText(&t.numerals, &r, "numerals")
	if len(t.numerals)%10 != 0 {
		t.numerals = ""
	}
	return t
}

func setSize(p *int, r *record, key string) {
	if v, ok := r.find(key); ok {
		if n, ok := v.int(); ok && n >= 0 && n <= 18 {
			*p = int(n)
		}
	}
}

// word gives an entry of a list of texts, such as the months.
func (t *table) word(list string, index int) string {
	v, _ := t.rec.find(list)
	if v.tag != tagList {
		return ""
	}
	for in := v.data; in != ""; index-- {
		var w value
		w, in = readValue(in)
		if index == 0 {
			s, _ := w.text()
			return s
		}
	}
	return ""
}
