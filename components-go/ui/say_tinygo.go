//go:build tinygo && protium_say

package ui

import _ "unsafe" // for go:linkname

// Has TinyGo's runtime write the message of a panic where the frame's error words point. The
// function is in the runtime that scripts/install-tinygo.sh installs; the build tag says so.
//
//go:linkname sayTo runtime.sayTo
func sayTo(address, length *uint32)

func init() { sayTo(&frame[frameError], &frame[frameErrorLength]) }
