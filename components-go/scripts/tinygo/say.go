//go:build wasm_unknown

// Copied into the runtime of the pinned TinyGo by install-tinygo.sh: its target without an
// operating system prints nothing, so that a panic would end without a word.

package runtime

import "unsafe"

var (
	said        [480]byte
	saidAddress *uint32
	saidLength  *uint32
	saidEnded   bool
)

// sayTo keeps the last line that is printed, and tells where it is. A panic's lines are one.
func sayTo(address, length *uint32) { saidAddress, saidLength = address, length }

func say(c byte) {
	if saidLength == nil {
		return
	}
	if at := uint32(uintptr(unsafe.Pointer(&said))); saidEnded || *saidAddress != at {
		*saidAddress, *saidLength, saidEnded = at, 0, false
	}
	n := *saidLength
	if c == '\r' {
		return
	}
	if c == '\n' {
		if n < 7 || unsafe.String(&said[0], 7) != "panic: " {
			saidEnded = true
			return
		}
		c = ' '
	}
	if n < uint32(len(said)) {
		said[n] = c
		*saidLength = n + 1
	}
}
