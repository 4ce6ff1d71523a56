package ui

import "unsafe"

// messages are the page's messages by key: each a text, or forms by number.
var messages record

// Messages declares the keys of the messages that a component and its nested components show,
// separated by blanks: a page contains no others. The messages are in the files
// messages/LANGUAGE.json of the theme and of the shop.
//
//	ui.Register("cart-lines", newCartLines, ui.Messages("cart.empty cart.items"))
func Messages(keys static) Trait {
	return func(d *definition) { d.messages += " " + string(keys) }
}

// nextKey takes a key off a list of them, which blanks separate.
func nextKey(keys string) (key, rest string) {
	for keys != "" && keys[0] == ' ' {
		keys = keys[1:]
	}
	for i := 0; i < len(keys); i++ {
		if keys[i] == ' ' {
			return keys[:i], keys[i:]
		}
	}
	return keys, ""
}

// Message is a text in the page's language. {name} in it is replaced by the argument of that name;
// args alternate names and values.
//
//	ui.Message("cart.removed", "title", line.Title)
//
//go:noinline
func Message(key static, args ...string) Node { return Str(MessageText(key, args...)) }

// MessageText returns what Message shows, for use in an attribute or a longer text.
//
//go:noinline
func MessageText(key static, args ...string) string {
	return messageOf(message(key), key, 0, false, args)
}

// CountMessage is the plural form of a message for the number n. {n} in it is the number.
func CountMessage(n int64, key static, args ...string) Node {
	return Str(CountMessageText(n, key, args...))
}

// CountMessageText returns what CountMessage shows.
//
//go:noinline
func CountMessageText(n int64, key static, args ...string) string {
	v := message(key)
	if v.tag == tagRecord {
		forms := v.record()
		form, ok := forms.find(categories[category(locale.ready().plural, n)])
		if !ok {
			form, _ = forms.find("other")
		}
		v = form
	}
	return messageOf(v, key, n, true, args)
}

func messageOf(v value, key static, n int64, counts bool, args []string) string {
	s, ok := v.text()
	if !ok {
		return string(key)
	}
	if !counts && len(args) == 0 {
		return s
	}
	return view(appendMessage(make([]byte, 0, len(s)+24), s, n, counts, args))
}

// categories are the names of the plural forms.
var categories = [...]string{"zero", "one", "two", "few", "many", "other"}

// known caches look-ups by the address of the key, which is a constant: a list of products uses the
// same few messages for each row.
var known [32]struct {
	key static
	v   value
}

// message finds a message: null where the page does not have it, so that its key is shown.
func message(key static) value {
	if mode == modeRecord {
		mustBeDeclared(string(key))
	}
	at := unsafe.StringData(string(key))
	k := &known[uintptr(unsafe.Pointer(at))/4%uintptr(len(known))]
	if len(k.key) != len(key) || unsafe.StringData(string(k.key)) != at {
		k.key = key
		k.v, _ = messages.find(string(key))
	}
	return k.v
}

func mustBeDeclared(key string) {
	if d := definitionOf(currentName); d != nil {
		for declared, rest := nextKey(d.messages); declared != ""; declared, rest = nextKey(rest) {
			if declared == key {
				return
			}
		}
		fail(`the message ` + key + ` is shown and not declared: add ui.Messages("` + key +
			`") to its ui.Register`)
	}
}

// appendMessage writes a message with its arguments in their places.
func appendMessage(dst []byte, s string, n int64, counts bool, args []string) []byte {
	for {
		start := 0
		for start < len(s) && s[start] != '{' {
			start++
		}
		end := start
		for end < len(s) && s[end] != '}' {
			end++
		}
		dst = append(dst, s[:start]...)
		if end == len(s) {
			return append(dst, s[start:]...)
		}
		name := s[start+1 : end]
		if counts && name == "n" {
			dst = appendNumber(dst, n)
		} else if value, ok := argument(args, name); ok {
			dst = append(dst, value...)
		} else {
			dst = append(dst, s[start:end+1]...)
		}
		s = s[end+1:]
	}
}

func argument(args []string, name string) (value string, ok bool) {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return args[i+1], true
		}
	}
	return "", false
}
