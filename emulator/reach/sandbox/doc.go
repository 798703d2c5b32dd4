// Package sandbox runs a command in a sealed world: a Linux network namespace
// that has a loopback interface and nothing else, in which the caller serves
// what it likes at the addresses it likes, 169.254.169.254 among them.
//
// The command keeps the user, the files and the terminal it would have had; a
// private mount namespace (mount_namespaces(7)) puts other contents over the
// few files that decide how names are resolved and whom TLS trusts. Every IPv4
// address there is leads to the loopback interface, no IPv6 address but ::1
// leads anywhere, so no packet leaves. It keeps honest programs honest; it is
// no jail: sockets in the file system reach out of a network namespace, and
// root is root. In a user namespace there is nobody but the caller: the files
// of others show as nobody's, and set-uid programs such as sudo gain nothing.
//
// How a world comes about. Run re-executes its own program in new namespaces
// (clone(2)), with a user namespace when it lacks the privilege for the others
// (user_namespaces(7): the caller's own uid, and nobody else's, is mapped).
// That helper, which is Child, builds the world, opens the listening sockets in
// it and passes them back over a socket pair (SCM_RIGHTS, unix(7)); a socket
// belongs for life to the namespace it was opened in, so the caller serves the
// sealed addresses without leaving its own. Then the helper gives up its
// capabilities (capabilities(7)) and becomes the command (execve(2)): no
// process stands between the caller and the command, which is in the caller's
// process group, as a shell's child would be.
//
// Nothing is written outside the world. The contents put over files live in a
// tmpfs of the private mount namespace and end with it.
package sandbox
