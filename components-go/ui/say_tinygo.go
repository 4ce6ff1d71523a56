//go:build tinygo && protium_say

package ui

import _ "unsafe" // for go:linkname

// A panic's message goes where the host looks for errors. TinyGo's runtime has this function where
// scripts/install-tinygo.sh put it; whoever builds with it sets the tag.
//
//go:linkname sayTo runtime.sayTo
func sayTo(address, length *uint32)

func init() { sayTo(&frame[frameError], &frame[frameErrorLength]) }
