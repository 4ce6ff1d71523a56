// Package theme has the components of the base theme: product cards and forms, the cart, the search
// box. A shop's module imports it for its side effect, which registers them:
//
//	import _ "protium.dev/components/theme"
//
// Each works as plain HTML: links are links and forms are forms. The handlers do the same sooner:
// they show the likely outcome at once, send the same form in the background, and take the outcome
// back when the server says no.
package theme
