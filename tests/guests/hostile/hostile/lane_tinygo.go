//go:build tinygo

package main

const lane = "tinygo"

func clock()  { panic("TinyGo has no clock here") }
func random() { panic("TinyGo has no randomness here") }
