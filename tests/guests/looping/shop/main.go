// Package main is a shop's module with one component that does not end: the theme's components must
// be served beside it.
package main

import (
	_ "protium.dev/components/theme"
	"protium.dev/components/ui"
)

func main() {}

func init() {
	ui.Register("looping", func() ui.Component { return &Looping{} })
}

// Looping computes without end where it is told to.
type Looping struct {
	loops bool
	turns int64
}

// Bind says what it has.
func (l *Looping) Bind(b *ui.Binder) {
	b.Prop("loops").Bool(&l.loops)
}

// Render does not come back when it loops.
func (l *Looping) Render() ui.Node {
	for l.loops {
		l.turns++
	}
	return ui.P(ui.Text("ended"))
}
