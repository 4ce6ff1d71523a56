//go:build tinygo

package main

// TinyGo's modules have no goroutines.
func goroutines() { panic("no goroutines") }
