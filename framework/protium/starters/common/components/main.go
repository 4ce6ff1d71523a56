// Package main has the components of the shop: those of the theme, and its own.
package main

import _ "protium.dev/components/theme"

func main() {}
