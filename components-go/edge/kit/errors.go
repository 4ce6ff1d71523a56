package kit

// Error is an error of the kit. It compares with ==.
type Error string

func (e Error) Error() string { return string(e) }

const (
	// ErrUnavailable says that the store, the database or the backend cannot be reached, or that its
	// answer was cut off.
	ErrUnavailable Error = "unavailable"
	// ErrDeadline says that the time of this run is up.
	ErrDeadline Error = "the run's deadline has passed"
	// ErrTimeout says that the backend did not answer in time.
	ErrTimeout Error = "the backend took too long"
	// ErrOpen says that the backend was not called: its circuit breaker is open after failures.
	ErrOpen Error = "the backend's breaker is open"
	// ErrTooLarge says that the answer has more bytes than the manifest allows.
	ErrTooLarge Error = "the answer is too large"

	errInput Error = "the input of the run is not readable"
)

// Negative answers of the host.
const (
	codeAbsent      = -1
	codeUnavailable = -2
	codeDeadline    = -3
	codeTimeout     = -4
	codeOpen        = -5
	codeTooLarge    = -6
)

// failure is the error of a negative answer.
func failure(code int64) error {
	switch code {
	case codeDeadline:
		return ErrDeadline
	case codeTimeout:
		return ErrTimeout
	case codeOpen:
		return ErrOpen
	case codeTooLarge:
		return ErrTooLarge
	}
	return ErrUnavailable
}
