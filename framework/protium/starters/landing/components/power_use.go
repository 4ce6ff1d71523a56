package main

import (
	"strconv"

	"protium.dev/components/ui"
)

// PowerUse says what a lamp needs in a year, for as many hours a day as the visitor reads.
//
//	<go-power-use watts="6" hydrate="visible"></go-power-use>
type PowerUse struct {
	watts, hours int64
}

func init() {
	ui.Register("power-use", func() ui.Component { return &PowerUse{hours: 3} },
		ui.Messages("power.hours power.title power.year"))
}

func (p *PowerUse) Bind(b *ui.Binder) {
	b.Prop("watts").Int64(&p.watts)
	b.State("hours").Int64(&p.hours)
	b.On("Hours", func(e ui.Event) {
		if hours, err := strconv.ParseInt(e.Value(), 10, 64); err == nil {
			p.hours = min(max(hours, 1), 24)
		}
	})
}

func (p *PowerUse) Render() ui.Node {
	// To the nearest kilowatt hour.
	year := (p.watts*p.hours*365 + 500) / 1000
	return ui.Section(
		ui.Class("power"),
		ui.H2(ui.Class("power-title"), ui.Message("power.title")),
		ui.Input(
			ui.Class("power-hours"), ui.Attr("type", "range"), ui.Attr("min", "1"),
			ui.Attr("max", "24"), ui.ValueInt(p.hours), ui.On("input", "Hours"),
			ui.AttrStr("aria-label", ui.MessageText("power.title")),
		),
		ui.Output(ui.CountMessage(p.hours, "power.hours")),
		ui.P(ui.Message("power.year", "year", strconv.FormatInt(year, 10))),
	)
}
