package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// command runs a command of the machine's, and says what it said where it fails.
func command(ctx context.Context, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// all runs commands in their order; each is one line.
func all(ctx context.Context, lines ...string) error {
	for _, line := range lines {
		if _, err := command(ctx, strings.Fields(line)...); err != nil {
			return err
		}
	}
	return nil
}

// unprivileged is the sysctl that some runtimes set to 0 for every pod. What works with the kernel's own value works there.
const unprivileged = "sysctl -qw net.ipv4.ip_unprivileged_port_start=1024"

// alone makes the network of a pod that nothing is linked to.
func alone(ctx context.Context, name string) error {
	return all(ctx, "ip netns add "+name, "ip -n "+name+" link set lo up", "ip netns exec "+name+" "+unprivileged)
}

// linked makes the network of a pod on the bridge of the cluster, which leads to other pods and nowhere else.
func linked(ctx context.Context, name, address string) error {
	if err := alone(ctx, name); err != nil {
		return err
	}
	return all(ctx,
		"ip -n bridge link add to-"+name+" type veth peer name eth0 netns "+name,
		"ip -n bridge link set to-"+name+" master br0 up",
		"ip -n "+name+" addr add "+address+"/24 dev eth0",
		"ip -n "+name+" link set eth0 up")
}

// service does for one pod what kube-proxy does for a node: the address of a Service leads to a pod behind it.
func service(ctx context.Context, from string, s corev1.Service, pod corev1.Pod, address string) error {
	if err := all(ctx, "ip -n "+from+" route add "+s.Spec.ClusterIP+" dev eth0"); err != nil {
		return err
	}
	for _, port := range s.Spec.Ports {
		if !listens(pod, port) {
			return fmt.Errorf("the port %s of the Service leads to %s, which no container has", port.Name, port.TargetPort.String())
		}
		protocol := strings.ToLower(string(port.Protocol))
		err := all(ctx, fmt.Sprintf("ip netns exec %s iptables -w -t nat -A OUTPUT -d %s -p %s --dport %d -j DNAT --to-destination %s:%d",
			from, s.Spec.ClusterIP, protocol, port.Port, address, port.TargetPort.IntValue()))
		if err != nil {
			return err
		}
	}
	return nil
}

func listens(pod corev1.Pod, port corev1.ServicePort) bool {
	for _, c := range pod.Spec.Containers {
		for _, p := range c.Ports {
			if p.ContainerPort == port.TargetPort.IntVal && p.Protocol == port.Protocol {
				return true
			}
		}
	}
	return false
}

// leads fails where 169.254.169.254 is, in that namespace, not what want says, or where there is a way out.
func (p *player) leads(ctx context.Context, name, want string) error {
	own, err := command(ctx, "ip", "netns", "exec", name, "readlink", "/proc/self/ns/net")
	if err != nil {
		return err
	}
	if here, err := os.Readlink("/proc/self/ns/net"); err != nil || here == p.hostNet || strings.TrimSpace(own) == p.hostNet {
		return errors.New("this is the machine's own network")
	}
	if out, err := command(ctx, "ip", "-n", name, "route", "show", "default"); err != nil || out != "" {
		return fmt.Errorf("the namespace %s has a way out: %s (%w)", name, out, err)
	}
	route, _ := exec.CommandContext(ctx, "ip", "-n", name, "route", "get", "169.254.169.254").CombinedOutput()
	if !regexp.MustCompile(want).Match(route) {
		return fmt.Errorf("169.254.169.254 leads elsewhere in the namespace %s: %s", name, route)
	}
	return nil
}
