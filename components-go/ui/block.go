package ui

// If renders then, which makes one element, while on is true. The ids of other elements do not
// depend on it.
func If(on bool, then func() Node) Node {
	if on {
		block(then)
	} else {
		if exploring {
			explore(then)
		}
		push(entry{form: formClosed})
	}
	return changing(seedBlock)
}

// IfElse renders then or otherwise.
func IfElse(on bool, then, otherwise func() Node) Node {
	if exploring {
		if on {
			explore(otherwise)
		} else {
			explore(then)
		}
	}
	if on {
		block(then)
	} else {
		block(otherwise)
	}
	return changing(seedBlock)
}

// Child renders a nested component: a field of the component that is rendered. Set its inputs in Go
// before; its Bind declares its handlers and its state.
func Child(c Component) Node {
	kids = append(kids, c)
	restoreKid(c)
	at, slots := openBlock(formChild)
	owner := current
	current = c
	closeBlock(at, slots, c.Render())
	current = owner
	slotNo++
	return changing(seedBlock)
}

func block(render func() Node) {
	at, slots := openBlock(formOpen)
	closeBlock(at, slots, render())
	slotNo++
}

// explore records the shape of a block that is not shown, and forgets its values.
func explore(render func() Node) {
	length, kidCount, slots := len(tape), len(kids), slotNo
	block(render)
	tape, kids, slotNo = tape[:length], kids[:kidCount], slots
}
