package ui

import "unsafe"

const abiVersion = 2

// frame is what the host reads: 16 words at a fixed address, valid at every moment.
var frame [16]uint32

const (
	frameVersion = iota
	frameInput
	frameInputCapacity
	frameOutput
	frameOutputLength
	frameText
	frameTextLength
	frameFinished
	frameCurrent
	frameResults
	frameError
	frameErrorLength
)

// The flags of a result.
const (
	resultActs   = 1 << iota // it has handlers or changing slots
	resultNoPath             // it did not ask for the path of the page
	resultNoTime             // it did not ask for the time of the page
)

// unread is the part of the flags that the component which is rendered still has.
var unread uint32

func address[T any](s []T) uint32 {
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(s))))
}

// view reads bytes as a string, without copying: they must not change while it is used.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

var (
	input   []byte
	spare   []byte // replaces input for longer messages
	out     output
	results []uint32 // 8 words for each finished island
	failure []byte   // the text of the error
)

// output is the buffer of HTML. Its address in the frame moves with it.
type output struct{ b []byte }

func (o *output) grow(n int) {
	b := make([]byte, len(o.b), max(cap(o.b)*2, len(o.b)+n, 4096))
	copy(b, o.b)
	o.b = b
	frame[frameOutput] = address(b)
}

func (o *output) string(s string) {
	at := len(o.b)
	end := at + len(s)
	if end > cap(o.b) {
		o.grow(len(s))
	}
	b := o.b[:end]
	o.b = b
	if len(s) > 128 {
		copy(b[at:], s)
	} else if len(s) > 0 {
		copyShort(unsafe.Pointer(&b[at]), unsafe.Pointer(unsafe.StringData(s)), len(s))
	}
}

// copyShort copies a few bytes, but at least one, in pieces that may overlap: for so few,
// WebAssembly's memory.copy is slower.
//
//go:inline
func copyShort(to, from unsafe.Pointer, n int) {
	switch {
	case n >= 16:
		for i := 0; i < n-16; i += 16 {
			copyPiece[[16]byte](to, from, i)
		}
		copyPiece[[16]byte](to, from, n-16)
	case n >= 8:
		copyPiece[[8]byte](to, from, 0)
		copyPiece[[8]byte](to, from, n-8)
	case n >= 4:
		copyPiece[[4]byte](to, from, 0)
		copyPiece[[4]byte](to, from, n-4)
	default:
		copyPiece[byte](to, from, 0)
		copyPiece[byte](to, from, n/2)
		copyPiece[byte](to, from, n-1)
	}
}

//go:inline
func copyPiece[T any](to, from unsafe.Pointer, at int) {
	*(*T)(unsafe.Add(to, at)) = *(*T)(unsafe.Add(from, at))
}

//go:inline
func (o *output) bytes(b []byte) { o.string(view(b)) }

// escaped writes a sealed text.
func (o *output) escaped(e *entry, attribute bool) {
	s := e.s
	if e.style != styleMarked {
		o.string(s)
		return
	}
	from := 0
	for i := 0; i < len(s); i++ {
		for i+8 <= len(s) && special(word(s[i:])) == 0 {
			i += 8
		}
		if i == len(s) {
			break
		}
		if e := escapeOf(s[i], attribute); e != "" {
			o.string(s[from:i])
			o.string(e)
			from = i + 1
		}
	}
	o.string(s[from:])
}

// done updates the frame with what is finished.
func (o *output) done() {
	frame[frameOutput] = address(o.b)
	frame[frameOutputLength] = uint32(len(o.b))
}

func alloc(n uint32) uint32 {
	if n > maxMessage {
		n = maxMessage
	}
	if int(n) > cap(input) && int(n) <= cap(spare) {
		input, spare = spare, input
	}
	if int(n) > cap(input) {
		input = make([]byte, max(int(n), 2*cap(input), 4096))
	}
	input = input[:cap(input)]
	frame[frameInput] = address(input)
	frame[frameInputCapacity] = uint32(len(input))
	return frame[frameInput]
}

// begin starts a call and resets what the last one left. Hosts drop an instance after a trap, but
// tests do not, so the last call may have ended anywhere.
func begin() {
	frame[frameVersion] = abiVersion
	frame[frameTextLength], frame[frameFinished] = 0, 0
	frame[frameCurrent], frame[frameErrorLength] = 0, 0
	out.b = out.b[:0]
	out.done()
	results = results[:0]
	frame[frameResults] = address(results)
	failure = failure[:0]
	arena = arena[:0]
	binderDepth, mode, exploring, phase = 0, modeSlots, false, phaseIdle
	current, currentName = nil, ""
}

// refuse ends a call with the reason why its input was refused.
func refuse(reason string) uint32 {
	setError(reason)
	return 1
}

func setError(text string) {
	failure = append(failure[:0], text...)
	frame[frameError] = address(failure)
	frame[frameErrorLength] = uint32(len(failure))
}

// fail ends the instance with a panic, and a reason for the host.
func fail(text string) {
	if currentName != "" {
		text = "component " + currentName + ": " + text
	}
	setError(text)
	panic(text)
}
