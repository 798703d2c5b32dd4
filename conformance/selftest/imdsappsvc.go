package selftest

func appServiceFaults() []Fault { return nil }

func appServiceWithoutSpec() []Uncovered { return nil }
