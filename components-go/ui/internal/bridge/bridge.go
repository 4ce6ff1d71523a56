// Package bridge is how tests reach the calls of the kit without WebAssembly.
package bridge

// Output is what a call leaves in the frame.
type Output struct {
	Code     uint32
	Output   []byte
	Words    []uint32 // the output, as a patch buffer
	Text     []byte
	Finished int
	Results  []uint32
	Error    string
}

var (
	// Call makes the call of that name, without its go_.
	Call func(name string, input []byte) Output
	// Reset puts the kit into the state of a new instance.
	Reset func()
)
