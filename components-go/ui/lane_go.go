//go:build !tinygo

package ui

const lane = "go"
