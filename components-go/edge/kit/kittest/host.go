// Package kittest runs a module's Handle in an ordinary Go test, without WebAssembly: store,
// database and backends are maps and functions.
package kittest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"protium.dev/components/edge/kit"
	"protium.dev/components/edge/kit/internal/host"
)

// Host is what a test grants.
type Host struct {
	// Clock is the Unix time in milliseconds.
	Clock int64
	// Left is how long runs may take.
	Left time.Duration
	// Store is the key-value store; nil stands for one that cannot be reached.
	Store map[string][]byte
	// TTL is the last time to live of each key.
	TTL map[string]time.Duration
	// Database has the shop's stock by SKU; nil stands for one that cannot be reached.
	Database map[string]kit.Stock
	// LookUps are the server's further look-ups: JSON by name and key.
	LookUps map[string]map[string]string
	// Backend answers requests; errors of the kit are passed to the module.
	Backend func(kit.Request) (kit.Response, error)
	// Requests that the module made, in order.
	Requests []kit.Request
	// Lines that the module logged.
	Lines []string

	ready  []byte
	answer []byte
	failed string
}

// Run runs the registered module.
func (h *Host) Run(env map[string]string, input string) ([]byte, error) {
	h.answer, h.failed, h.ready, h.Requests = nil, "", nil, nil
	if h.Left == 0 {
		h.Left = time.Second
	}
	host.Current = host.Host((*bridge)(h))
	var list []byte
	for key, value := range env {
		list = entry(list, key, text(value))
	}
	var message []byte
	message = entry(message, "env", value(6, list))
	message = entry(message, "input", text(input))
	host.Run(value(6, message))
	if h.failed != "" {
		return nil, errors.New(h.failed)
	}
	return h.answer, nil
}

// Expect runs the registered module. Its answer, or "error: " and the reason, must be want.
func (h *Host) Expect(t *testing.T, env map[string]string, want string) {
	t.Helper()
	answer, err := h.Run(env, "")
	text := string(answer)
	if err != nil {
		text = "error: " + err.Error()
	}
	if text != want {
		t.Errorf("%s\ninstead of\n%s", text, want)
	}
}

// bridge is the host's side. It is a type of its own so that tests do not see its methods.
type bridge Host

func (h *bridge) Answer(b []byte)  { h.answer = append([]byte{}, b...) }
func (h *bridge) Fail(s string)    { h.failed = s }
func (h *bridge) Take(b []byte)    { copy(b, h.ready) }
func (h *bridge) Log(s string)     { h.Lines = append(h.Lines, s) }
func (h *bridge) Remaining() int64 { return h.Left.Milliseconds() }
func (h *bridge) Now() int64       { return h.Clock }

func (h *bridge) Random(b []byte) {
	for i := range b {
		b[i] = byte(i)
	}
}

func (h *bridge) KeyValueGet(key string) int64 {
	if h.Store == nil {
		return -2
	}
	stored, ok := h.Store[key]
	if !ok {
		return -1
	}
	h.ready = stored
	return int64(len(stored))
}

func (h *bridge) KeyValueSet(key string, stored []byte, ttl int64) int64 {
	if h.Store == nil {
		return -2
	}
	if h.TTL == nil {
		h.TTL = map[string]time.Duration{}
	}
	h.Store[key] = append([]byte{}, stored...)
	h.TTL[key] = time.Duration(ttl) * time.Millisecond
	return 0
}

func (h *bridge) DatabaseGet(lookup, key string) int64 {
	answer, ok := h.LookUps[lookup][key]
	if lookup == "stock" {
		if h.Database == nil {
			return -2
		}
		var row kit.Stock
		row, ok = h.Database[key]
		pieces := "null"
		if row.Tracked {
			pieces = strconv.FormatInt(row.Pieces, 10)
		}
		answer = fmt.Sprintf(`{"pieces":%s,"price":%d,"currency":%q}`, pieces, row.Price, row.Currency)
	} else if h.LookUps[lookup] == nil {
		return -2
	}
	if !ok {
		return -1
	}
	h.ready = []byte(answer)
	return int64(len(answer))
}

func (h *bridge) BackendStart(request []byte) int32 {
	h.Requests = append(h.Requests, readRequest(request))
	return int32(len(h.Requests) - 1)
}

func (h *bridge) BackendWait(handle int32) int64 {
	response, err := h.Backend(h.Requests[handle])
	switch {
	case errors.Is(err, kit.ErrDeadline):
		return -3
	case errors.Is(err, kit.ErrTimeout):
		return -4
	case errors.Is(err, kit.ErrOpen):
		return -5
	case errors.Is(err, kit.ErrTooLarge):
		return -6
	case err != nil:
		return -2
	}
	h.ready = response.Body
	return int64(response.Status)<<32 | int64(len(response.Body))
}

func value(tag byte, payload []byte) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte{tag}, uint32(len(payload))), payload...)
}

func text(s string) []byte { return value(4, []byte(s)) }

func entry(record []byte, key string, value []byte) []byte {
	record = append(binary.LittleEndian.AppendUint16(record, uint16(len(key))), key...)
	return append(record, value...)
}

func readRequest(b []byte) kit.Request {
	var r kit.Request
	for b = b[5:]; len(b) > 0; {
		n := int(binary.LittleEndian.Uint16(b))
		key, rest := string(b[2:2+n]), b[2+n:]
		length := 5 + int(binary.LittleEndian.Uint32(rest[1:]))
		payload := rest[5:length]
		switch key {
		case "backend":
			r.Backend = string(payload)
		case "method":
			r.Method = string(payload)
		case "path":
			r.Path = string(payload)
		case "body":
			r.Body = payload
		case "headers":
			for len(payload) > 0 {
				end := 5 + int(binary.LittleEndian.Uint32(payload[1:]))
				r.Header = append(r.Header, string(payload[5:end]))
				payload = payload[end:]
			}
		case "timeout_ms":
			r.Timeout = time.Duration(binary.LittleEndian.Uint64(payload)) * time.Millisecond
		}
		b = rest[length:]
	}
	return r
}
