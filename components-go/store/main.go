// Package main is the example shop's module: the components of the theme. A shop's own components
// stand beside this file and are registered in the same way.
package main

import _ "protium.dev/components/theme"

func main() {}
