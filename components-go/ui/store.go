package ui

// A Store is state that the components of a page share, such as the cart. A component that reads it
// in Render is rendered again whenever a handler of any component changes it.
//
//	var Cart = ui.NewStore("cart", CartState{})
type Store[T any] struct {
	name    string
	bit     uint64
	initial T
	state   T
	bind    func(*T) Bindable
}

// store is a Store of any state.
type store interface {
	label() string
	mask() uint64
	reset()
	bindable() Bindable
}

var (
	stores      []store // sorted by name
	readStores  uint64  // those that the current Render has read
	wroteStores uint64  // those that handlers have changed
)

// NewStore makes a store with an initial state. Call it in the initialisation of a package
// variable.
func NewStore[T any, P interface {
	*T
	Bindable
}](name static, initial T) *Store[T] {
	if len(stores) == 64 {
		fail("ui.NewStore: a module has at most 64 stores")
	}
	s := &Store[T]{name: string(name), bit: 1 << len(stores), initial: initial, state: initial}
	s.bind = func(p *T) Bindable { return P(p) }
	at := 0
	for at < len(stores) && stores[at].label() < s.name {
		at++
	}
	if at < len(stores) && stores[at].label() == s.name {
		fail("ui.NewStore: there are two stores named " + s.name)
	}
	stores = append(stores, nil)
	copy(stores[at+1:], stores[at:])
	stores[at] = s
	return s
}

// Get gives the state, to read.
func (s *Store[T]) Get() *T {
	readStores |= s.bit
	return &s.state
}

// Update changes the state. It can be called in a handler only.
func (s *Store[T]) Update(change func(*T)) {
	needHandler("Store.Update")
	wroteStores |= s.bit
	change(&s.state)
}

func (s *Store[T]) label() string      { return s.name }
func (s *Store[T]) mask() uint64       { return s.bit }
func (s *Store[T]) reset()             { s.state = s.initial }
func (s *Store[T]) bindable() Bindable { return s.bind(&s.state) }

// loadStores reads the stores of a message, and returns which it had. With fresh, the others are
// reset.
func loadStores(message *record, fresh bool) (came uint64) {
	if len(stores) == 0 {
		return 0
	}
	all, _ := message.find("stores")
	r := all.record()
	for _, s := range stores {
		if fresh {
			s.reset()
		}
		if v, ok := r.find(s.label()); ok {
			came |= s.mask()
			bindWith(s.bindable(), Binder{mode: bindFields, rec: v.record()})
		}
	}
	return came
}
