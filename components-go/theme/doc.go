// Package theme has the components of the base theme: product cards and forms, the cart, the search
// box. A shop's module imports it for its side effect, which registers them:
//
//	import _ "protium.dev/components/theme"
//
// Each works as plain HTML, with links and forms. The handlers show the likely outcome at once,
// send the same form in the background, and revert the outcome when the server refuses.
package theme
