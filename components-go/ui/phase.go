package ui

// What runs: Render must be pure, handlers may have effects.
const (
	phaseIdle uint8 = iota
	phaseRender
	phaseHandler
)

var (
	phase       uint8
	currentName string // of the island
)

func needHandler(what string) {
	if phase != phaseHandler {
		fail(what + " can be called in a handler only: Render must be pure")
	}
}
