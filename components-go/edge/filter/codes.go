package main

// code is why an image, a query or a change is refused; 0 if it is not.
type code int32

const (
	// The image is shorter than it says, or not an image.
	codeLength code = -1 - iota
	// The image has another format.
	codeFormat
	// The image was damaged.
	codeChecksum
	// The image names what lies outside of it, or does not fit together.
	codeImage
	// A query or a change ends too early or too late.
	codeMessage
	// A query or a change names what there is not.
	codeUnknown
)
