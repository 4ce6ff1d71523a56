package ui

// El is an element of any name: El("svg", …). Prefer the functions named after their element.
func El(name static, args ...Node) Node { return element(name, args) }

func element(name static, args []Node) Node {
	if mode == modeRecord {
		return recording.element(name, args)
	}
	h := constant(seedElement, name)
	for _, a := range args {
		h = mix(h, uint64(a))
	}
	return Node(h)
}

// A is the a element.
func A(args ...Node) Node { return element("a", args) }

// Article is the article element.
func Article(args ...Node) Node { return element("article", args) }

// Aside is the aside element.
func Aside(args ...Node) Node { return element("aside", args) }

// Button is the button element.
func Button(args ...Node) Node { return element("button", args) }

// Caption is the caption element.
func Caption(args ...Node) Node { return element("caption", args) }

// Dd is the dd element.
func Dd(args ...Node) Node { return element("dd", args) }

// Details is the details element.
func Details(args ...Node) Node { return element("details", args) }

// Dialog is the dialog element.
func Dialog(args ...Node) Node { return element("dialog", args) }

// Div is the div element.
func Div(args ...Node) Node { return element("div", args) }

// Dl is the dl element.
func Dl(args ...Node) Node { return element("dl", args) }

// Dt is the dt element.
func Dt(args ...Node) Node { return element("dt", args) }

// Em is the em element.
func Em(args ...Node) Node { return element("em", args) }

// Fieldset is the fieldset element.
func Fieldset(args ...Node) Node { return element("fieldset", args) }

// Figcaption is the figcaption element.
func Figcaption(args ...Node) Node { return element("figcaption", args) }

// Figure is the figure element.
func Figure(args ...Node) Node { return element("figure", args) }

// Footer is the footer element.
func Footer(args ...Node) Node { return element("footer", args) }

// Form is the form element.
func Form(args ...Node) Node { return element("form", args) }

// H1 is the h1 element.
func H1(args ...Node) Node { return element("h1", args) }

// H2 is the h2 element.
func H2(args ...Node) Node { return element("h2", args) }

// H3 is the h3 element.
func H3(args ...Node) Node { return element("h3", args) }

// H4 is the h4 element.
func H4(args ...Node) Node { return element("h4", args) }

// Header is the header element.
func Header(args ...Node) Node { return element("header", args) }

// Img is the img element.
func Img(args ...Node) Node { return element("img", args) }

// Input is the input element.
func Input(args ...Node) Node { return element("input", args) }

// Label is the label element.
func Label(args ...Node) Node { return element("label", args) }

// Legend is the legend element.
func Legend(args ...Node) Node { return element("legend", args) }

// Li is the li element.
func Li(args ...Node) Node { return element("li", args) }

// Main is the main element.
func Main(args ...Node) Node { return element("main", args) }

// Nav is the nav element.
func Nav(args ...Node) Node { return element("nav", args) }

// Ol is the ol element.
func Ol(args ...Node) Node { return element("ol", args) }

// Option is the option element.
func Option(args ...Node) Node { return element("option", args) }

// Output is the output element.
func Output(args ...Node) Node { return element("output", args) }

// P is the p element.
func P(args ...Node) Node { return element("p", args) }

// Path is the path element.
func Path(args ...Node) Node { return element("path", args) }

// Section is the section element.
func Section(args ...Node) Node { return element("section", args) }

// Select is the select element.
func Select(args ...Node) Node { return element("select", args) }

// Small is the small element.
func Small(args ...Node) Node { return element("small", args) }

// Span is the span element.
func Span(args ...Node) Node { return element("span", args) }

// Strong is the strong element.
func Strong(args ...Node) Node { return element("strong", args) }

// Summary is the summary element.
func Summary(args ...Node) Node { return element("summary", args) }

// S is the s element.
func S(args ...Node) Node { return element("s", args) }

// Del is the del element.
func Del(args ...Node) Node { return element("del", args) }

// Ins is the ins element.
func Ins(args ...Node) Node { return element("ins", args) }

// Svg is the svg element.
func Svg(args ...Node) Node { return element("svg", args) }

// Table is the table element.
func Table(args ...Node) Node { return element("table", args) }

// Tbody is the tbody element.
func Tbody(args ...Node) Node { return element("tbody", args) }

// Td is the td element.
func Td(args ...Node) Node { return element("td", args) }

// Textarea is the textarea element.
func Textarea(args ...Node) Node { return element("textarea", args) }

// Tfoot is the tfoot element.
func Tfoot(args ...Node) Node { return element("tfoot", args) }

// Th is the th element.
func Th(args ...Node) Node { return element("th", args) }

// Thead is the thead element.
func Thead(args ...Node) Node { return element("thead", args) }

// Time is the time element.
func Time(args ...Node) Node { return element("time", args) }

// Tr is the tr element.
func Tr(args ...Node) Node { return element("tr", args) }

// Ul is the ul element.
func Ul(args ...Node) Node { return element("ul", args) }
