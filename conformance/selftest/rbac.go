package selftest

func rbacFaults() []Fault { return nil }

func rbacWithoutSpec() []Uncovered { return nil }

func rbacWithoutFault() []Uncovered { return nil }
