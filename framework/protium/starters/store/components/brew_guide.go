package main

import (
	"strconv"

	"protium.dev/components/ui"
)

// mostCups is what fits into the largest pot.
const mostCups = 8

// BrewGuide says how a tea is made, for as many cups as the visitor wants.
//
//	<go-brew-guide grams="3" degrees="80" minutes="2" hydrate="visible"></go-brew-guide>
type BrewGuide struct {
	grams, degrees, minutes int64
	cups                    int64
}

func init() {
	ui.Register("brew-guide", func() ui.Component { return &BrewGuide{cups: 1} },
		ui.Messages("brew.cups brew.less brew.more brew.recipe brew.steep brew.title"))
}

func (g *BrewGuide) Bind(b *ui.Binder) {
	b.Prop("grams").Int64(&g.grams)
	b.Prop("degrees").Int64(&g.degrees)
	b.Prop("minutes").Int64(&g.minutes)
	b.State("cups").Int64(&g.cups)
	b.On("Less", func(ui.Event) { g.cups = max(g.cups-1, 1) })
	b.On("More", func(ui.Event) { g.cups = min(g.cups+1, mostCups) })
}

func (g *BrewGuide) Render() ui.Node {
	return ui.Section(
		ui.Class("brew-guide"),
		ui.H2(ui.Class("brew-guide-title"), ui.Message("brew.title")),
		ui.Div(
			ui.Class("brew-guide-cups"),
			ui.Button(
				ui.Class("button button-quiet brew-less"), ui.Attr("type", "button"), ui.On("click", "Less"),
				ui.AttrStr("aria-label", ui.MessageText("brew.less")), ui.Span(ui.Class("icon icon-minus")),
			),
			ui.Output(ui.CountMessage(g.cups, "brew.cups")),
			ui.Button(
				ui.Class("button button-quiet brew-more"), ui.Attr("type", "button"), ui.On("click", "More"),
				ui.AttrStr("aria-label", ui.MessageText("brew.more")), ui.Span(ui.Class("icon icon-plus")),
			),
		),
		ui.P(ui.Message("brew.recipe",
			"grams", strconv.FormatInt(g.grams*g.cups, 10),
			"degrees", strconv.FormatInt(g.degrees, 10))),
		ui.P(ui.CountMessage(g.minutes, "brew.steep")),
	)
}
