package uitest

import (
	"fmt"
	"testing"
)

// Printer replaces *testing.T in an Example: what would fail the test panics.
type Printer struct{ testing.TB }

func (Printer) Helper()                           {}
func (Printer) Fatal(args ...any)                 { panic(fmt.Sprintln(args...)) }
func (Printer) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (Printer) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
