package main

// A spec is a process as a container runtime starts it; the child that becomes the process reads it from a file.
type spec struct {
	// Image is the folder that is the root; empty is the machine's own programs, in a root of their own.
	Image string
	// Root is the place where the root is put together.
	Root string
	// Etc holds what the kubelet puts into /etc: resolv.conf and hosts.
	Etc          string
	Mounts       []mount
	ReadOnlyRoot bool
	UID, GID     int
	Groups       []int
	// Capabilities are numbers, as in linux/capability.h; whoever is not root has none of them.
	Capabilities []int
	Env          []string
	Args         []string
}

type mount struct {
	From, To string
	ReadOnly bool
}
