// Package main is a guest that does what a host must survive. It speaks the calling convention by
// hand, so that it can break it at every place.
package main

import (
	"strings"
	"unsafe"
)

// frame is where the host looks.
var frame [16]uint32

var (
	input   []byte
	output  []byte
	results []uint32
	failure []byte
	keep    [][]byte
	counter uint64
)

// The words of the frame.
const (
	version      = 0
	outputAt     = 3
	outputLength = 4
	finished     = 7
	current      = 8
	resultsAt    = 9
	errorAt      = 10
	errorLength  = 11
)

const noSlot = 0xFFFFFFFF

var components = []string{
	"alloc", "chatter", "clock", "compute", "few", "fine", "flood", "frame", "garbage", "loop",
	"many", "no-warm", "own-fine", "own-trap", "random", "raw", "recurse",
	"refuse", "seeded", "trap", "wild-result",
}

func address[T any](s []T) uint32 { return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(s)))) }

func publish() {
	frame[outputAt], frame[outputLength] = address(output), uint32(len(output))
	frame[resultsAt] = address(results)
}

//go:wasmexport go_frame
func exportFrame() uint32 {
	frame[version] = 2
	return address(frame[:])
}

//go:wasmexport go_alloc
func exportAlloc(n uint32) uint32 {
	if len(input) < int(n) {
		input = make([]byte, n)
	}
	return address(input)
}

//go:wasmexport go_describe
func exportDescribe() uint32 {
	list := []byte{}
	for _, name := range components {
		component := entry("name", value(4, []byte(name)))
		if strings.HasPrefix(name, "own-") {
			component = append(component, entry("personal", value(2, nil))...)
		}
		list = append(list, value(6, component)...)
	}
	body := entry("abi", value(3, []byte{2, 0, 0, 0, 0, 0, 0, 0}))
	body = append(body, entry("lane", value(4, []byte(lane)))...)
	body = append(body, entry("components", value(5, list))...)
	output = value(6, body)
	publish()
	return 0
}

//go:wasmexport go_warm
func exportWarm(n uint32) uint32 {
	for _, name := range items(field(payload(input[:n]), "components")) {
		if string(payload(name)) == "no-warm" {
			panic("no-warm cannot be warmed")
		}
	}
	return 0
}

//go:wasmexport go_render
func exportRender(n uint32) uint32 {
	message := payload(input[:n])
	context := payload(field(message, "ctx"))
	for _, island := range items(field(message, "islands")) {
		island = payload(island)
		frame[current] = frame[finished] + 1
		start := uint32(len(output))
		slot := uint32(noSlot)
		props := payload(field(island, "p"))
		id := string(payload(field(island, "id")))
		switch string(payload(field(island, "c"))) {
		case "loop":
			for {
				counter++
			}
		case "compute":
			for end := counter + 20_000_000; counter != end; counter++ {
				keep = keep[:0]
			}
		case "alloc":
			for {
				keep = append(keep, make([]byte, 1<<20))
			}
		case "garbage":
			for i := 0; i < 128; i++ {
				keep = append(keep[:0], make([]byte, 1<<17))
			}
			write("<p>collected</p>")
		case "recurse":
			write(string(rune(recurse(1))))
		case "trap", "own-trap":
			say("component trap: the \x1b[31mpanic\r\nof this test")
			panic("trapped")
		case "refuse":
			say("this input is not for me")
			return 1
		case "flood":
			for i := 0; i < 3<<20; i++ {
				output = append(output, 'x')
			}
		case "chatter":
			for i := 0; i < 10_000; i++ {
				println("a line that nobody wants to read")
			}
		case "frame":
			for i, word := range items(field(props, "words")) {
				frame[i%16] = uint32(number(word))
			}
			if len(payload(field(props, "trap"))) > 0 {
				panic("trapped with a wild frame")
			}
			return uint32(number(field(props, "status")))
		case "few":
			return 0
		case "many":
			frame[finished] = 1000
			return 0
		case "wild-result":
			results = append(results, 0xFFFFFFF0, 0x20, 0, 0, noSlot, 1, 0, 0)
			frame[finished]++
			frame[current] = 0
			publish()
			continue
		case "raw":
			write("<p>")
			output = append(output, payload(field(props, "before"))...)
			output = append(output, 0xFF, 0)
			slot = uint32(len(output))
			write("</p>")
		case "seeded":
			seed := number(field(context, "seed"))
			write("<p>" + string(rune('a'+seed)) + "</p>")
		case "clock":
			clock()
		case "random":
			random()
		default:
			write(`<p data-go-id="` + id + `">fine</p>`)
		}
		length := uint32(len(output)) - start
		results = append(results, start, length, 0xDEADBEEF, uint32(len(results)), slot, 1, 0, 0)
		frame[finished]++
		frame[current] = 0
		publish()
	}
	return 0
}

func recurse(depth uint64) uint64 {
	counter++
	if counter == 0 {
		return depth
	}
	return recurse(depth+counter)*depth + 1
}

func say(text string) {
	failure = []byte(text)
	frame[errorAt], frame[errorLength] = address(failure), uint32(len(failure))
}

func write(text string) { output = append(output, text...) }

func value(tag byte, payload []byte) []byte {
	n := len(payload)
	return append([]byte{tag, byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)}, payload...)
}

func entry(key string, value []byte) []byte {
	return append(append([]byte{byte(len(key)), 0}, key...), value...)
}

// payload of a value; of none it is empty.
func payload(value []byte) []byte {
	if len(value) < 5 {
		return nil
	}
	n := int(value[1]) | int(value[2])<<8 | int(value[3])<<16 | int(value[4])<<24
	return value[5 : 5+n]
}

// field is the value of a record's key.
func field(record []byte, key string) []byte {
	for len(record) > 0 {
		n := int(record[0]) | int(record[1])<<8
		name, value := string(record[2:2+n]), record[2+n:]
		length := 5 + len(payload(value))
		if name == key {
			return value[:length]
		}
		record = value[length:]
	}
	return nil
}

// items of a list.
func items(list []byte) [][]byte {
	var all [][]byte
	for rest := payload(list); len(rest) > 0; {
		length := 5 + len(payload(rest))
		all = append(all, rest[:length])
		rest = rest[length:]
	}
	return all
}

func number(value []byte) int64 {
	var n int64
	for i, b := range payload(value) {
		n |= int64(b) << (8 * i)
	}
	return n
}

func main() {}
