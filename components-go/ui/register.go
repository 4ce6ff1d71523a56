package ui

// A Component is placed by a template as <go-NAME>, or by another component with Child. Bind
// declares its props, state and handlers. Render returns its output; it must be pure, since the kit
// may call it at any time.
//
// If a component has a method Init(), it is called once its props are set, before the first Render.
type Component interface {
	Bind(b *Binder)
	Render() Node
}

type initializer interface{ Init() }

// definition is a component under its name.
type definition struct {
	name     string
	new      func() Component
	personal bool
	slot     bool
	hydrate  string
	persist  *persistence
	messages string // the keys
}

var definitions []definition // sorted by name

// A Trait is an option of Register.
type Trait func(*definition)

// Personal marks a component that shows data of one visitor: it is rendered for each request and
// never cached.
func Personal() Trait { return func(d *definition) { d.personal = true } }

// DefaultHydrate is the hydrate directive where a template gives none, instead of "load".
func DefaultHydrate(directive static) Trait {
	return func(d *definition) { d.hydrate = string(directive) }
}

// HasSlot marks a component that places a Slot.
func HasSlot() Trait { return func(d *definition) { d.slot = true } }

// Register makes a component known to templates as <go-NAME>. It is called from init.
func Register(name static, new func() Component, traits ...Trait) {
	if !isComponentName(string(name)) {
		fail("ui.Register: a component's name is like add-to-cart, not \"" + string(name) + "\"")
	}
	d := definition{name: string(name), new: new, hydrate: "load"}
	for _, give := range traits {
		give(&d)
	}
	at := 0
	for at < len(definitions) && definitions[at].name < d.name {
		at++
	}
	if at < len(definitions) && definitions[at].name == d.name {
		fail("ui.Register: there are two components named " + d.name)
	}
	definitions = append(definitions, definition{})
	copy(definitions[at+1:], definitions[at:])
	definitions[at] = d
}

func definitionOf(name string) *definition {
	for i := range definitions {
		if definitions[i].name == name {
			return &definitions[i]
		}
	}
	return nil
}

func isComponentName(s string) bool {
	dash := true // a letter must follow
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9' && (!dash || i > 0):
			dash = false
		case c == '-' && !dash:
			dash = true
		default:
			return false
		}
	}
	return !dash
}
