package selftest

func vaultFaults() []Fault { return nil }

func vaultWithoutSpec() []Uncovered { return nil }

func vaultWithoutFault() []Uncovered { return nil }
