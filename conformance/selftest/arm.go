package selftest

func armFaults() []Fault { return nil }

func armWithoutSpec() []Uncovered { return nil }

func armWithoutFault() []Uncovered { return nil }
