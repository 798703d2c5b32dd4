// Command kubernetes plays the manifests of deploy/kubernetes without Kubernetes. It reads them into Kubernetes' own types,
// which refuses a field that there is not, and does what a kubelet would, as far as these manifests go: a network namespace
// for each pod, volumes, images as the Dockerfile makes them, users, capabilities and probes. No flag of Linarite's stands
// here: what is run is what the manifests say.
//
//	kubernetes check DIR      reads the manifests of DIR
//	kubernetes play [FLAGS]   plays the stories, as root, in a network namespace made for it; .ci/kubernetes does so
//
// Namespaces are linked with each other and with nothing else, so that no packet leaves, and the real 169.254.169.254
// is out of reach.
package main
