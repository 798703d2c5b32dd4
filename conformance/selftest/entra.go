package selftest

func entraFaults() []Fault { return nil }

func entraWithoutSpec() []Uncovered { return nil }

func entraWithoutFault() []Uncovered { return nil }
