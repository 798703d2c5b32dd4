package selftest

// Defect is a switch of the emulator's builds with the tag linarite_selftest, and the rules that it
// breaks.
type Defect struct {
	Name  string
	Rules []string
}

// Defects returns them all.
func Defects() []Defect { return nil }
