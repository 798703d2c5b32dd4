package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// running is a pod with its namespace, its volumes and the processes that go on.
type running struct {
	p        *player
	name     string // of the namespace
	dir      string
	pod      corev1.Pod
	services map[string]corev1.Service
	images   map[string]*image
	started  []*exec.Cmd
	count    int
}

// numbers of the capabilities that the manifests name (linux/capability.h).
func numbers() map[corev1.Capability]int {
	return map[corev1.Capability]int{"NET_BIND_SERVICE": 10, "NET_ADMIN": 12}
}

// pod makes the place for a pod: volumes, name servers, images. Its namespace is there already.
func (p *player) pod(name string, m *manifest, pod corev1.Pod, o *objects) (*running, error) {
	r := &running{p: p, name: name, dir: filepath.Join(p.tmp, name), pod: pod, services: m.services, images: map[string]*image{}}
	if pod.Spec.HostNetwork || pod.Spec.DNSConfig == nil && pod.Spec.DNSPolicy != "" {
		return nil, errors.New("a pod with hostNetwork or dnsPolicy alone is not played")
	}
	resolv := "" // ClusterFirst: there is no name server of the cluster here
	if pod.Spec.DNSConfig != nil {
		for _, server := range pod.Spec.DNSConfig.Nameservers {
			resolv += "nameserver " + server + "\n"
		}
	}
	err := errors.Join(os.MkdirAll(filepath.Join(r.dir, "etc"), 0o755), os.MkdirAll(filepath.Join(r.dir, "volumes"), 0o755),
		os.WriteFile(filepath.Join(r.dir, "etc", "resolv.conf"), []byte(resolv), 0o644),
		os.WriteFile(filepath.Join(r.dir, "etc", "hosts"), []byte("127.0.0.1\tlocalhost\n"), 0o644))
	for _, v := range pod.Spec.Volumes {
		if err == nil {
			err = o.volume(v, pod, r.volume(v.Name))
		}
	}
	for _, c := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
		if err == nil && r.images[c.Image] == nil {
			r.images[c.Image], err = build(p.checkout, c.Image, filepath.Join(r.dir, strings.ReplaceAll(c.Image, ":", "-")))
		}
	}
	return r, err
}

func (r *running) volume(name string) string { return filepath.Join(r.dir, "volumes", name) }

func (r *running) container(name string) (corev1.Container, error) {
	for _, c := range slices.Concat(r.pod.Spec.InitContainers, r.pod.Spec.Containers) {
		if c.Name == name {
			return c, nil
		}
	}
	return corev1.Container{}, fmt.Errorf("the pod has no container %s", name)
}

// spec is how a container's process is started. With own, args are a command of this machine's instead of the image's.
func (r *running) spec(c corev1.Container, args []string, own bool) (spec, error) {
	i := r.images[c.Image]
	s := spec{Image: i.root, Etc: filepath.Join(r.dir, "etc"), UID: i.uid, GID: i.gid}
	s.Args = args
	if own {
		s.Image = ""
		s.Mounts = append(s.Mounts, r.p.own()...)
	} else if len(args) == 0 || !strings.HasPrefix(args[0], "/") {
		s.Args = slices.Concat(i.entrypoint, args)
	}
	s.Env = append(slices.Clone(i.env), "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOSTNAME="+r.pod.Name, "HOME=/")
	s.Env = append(s.Env, r.links()...)
	for _, e := range c.Env {
		if e.ValueFrom != nil || strings.Contains(e.Value, "$(") {
			return s, fmt.Errorf("env %s: a value from elsewhere is not played", e.Name)
		}
		s.Env = append(s.Env, e.Name+"="+e.Value)
	}
	for _, m := range c.VolumeMounts {
		s.Mounts = append(s.Mounts, mount{From: r.volume(m.Name), To: m.MountPath, ReadOnly: m.ReadOnly})
	}
	return s, r.secure(&s, c.SecurityContext)
}

// secure is the part of the security contexts, of which the manifests have to say everything.
func (r *running) secure(s *spec, c *corev1.SecurityContext) error {
	if p := r.pod.Spec.SecurityContext; p != nil {
		if p.RunAsUser != nil {
			s.UID, s.GID = int(*p.RunAsUser), int(*p.RunAsGroup)
		}
		if p.FSGroup != nil {
			s.Groups = append(s.Groups, int(*p.FSGroup))
		}
	}
	if c == nil || c.Capabilities == nil || !slices.Contains(c.Capabilities.Drop, "ALL") || c.AllowPrivilegeEscalation == nil || *c.AllowPrivilegeEscalation {
		return errors.New("a container that does not drop ALL capabilities, or may gain privileges, is not played")
	}
	if c.RunAsUser != nil {
		s.UID, s.GID = int(*c.RunAsUser), int(*c.RunAsGroup)
	}
	s.ReadOnlyRoot = c.ReadOnlyRootFilesystem != nil && *c.ReadOnlyRootFilesystem
	for _, name := range c.Capabilities.Add {
		number, known := numbers()[name]
		if !known {
			return fmt.Errorf("the capability %s is not known here", name)
		}
		s.Capabilities = append(s.Capabilities, number)
	}
	nonRoot := c.RunAsNonRoot
	if nonRoot == nil && r.pod.Spec.SecurityContext != nil {
		nonRoot = r.pod.Spec.SecurityContext.RunAsNonRoot
	}
	if nonRoot != nil && *nonRoot && s.UID == 0 {
		return errors.New("the container has runAsNonRoot and would run as root")
	}
	return nil
}

// links are the variables of the Services, which every pod gets that does not decline them.
func (r *running) links() []string {
	env := []string{"KUBERNETES_SERVICE_HOST=10.96.0.1", "KUBERNETES_SERVICE_PORT=443"}
	if decline := r.pod.Spec.EnableServiceLinks; decline != nil && !*decline {
		return env
	}
	for name, s := range r.services {
		name = strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		first := s.Spec.Ports[0]
		env = append(env, name+"_SERVICE_HOST="+s.Spec.ClusterIP, fmt.Sprintf("%s_PORT=%s://%s:%d", name, strings.ToLower(string(first.Protocol)), s.Spec.ClusterIP, first.Port))
	}
	return env
}

// command is a process of a container, ready to start.
func (r *running) command(ctx context.Context, name string, args []string, own bool, env ...string) (*exec.Cmd, error) {
	c, err := r.container(name)
	if err != nil {
		return nil, err
	}
	if args == nil {
		args = c.Args
	}
	s, err := r.spec(c, args, own)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	r.count++
	s.Env = append(s.Env, env...)
	s.Root = filepath.Join(r.dir, fmt.Sprintf("root-%d", r.count))
	data, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(r.dir, fmt.Sprintf("spec-%d.json", r.count))
	if err := errors.Join(os.Mkdir(s.Root, 0o755), os.WriteFile(path, data, 0o600)); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "ip", "netns", "exec", r.name, r.p.self, "inside", path)
	cmd.WaitDelay = 5 * time.Second
	return cmd, nil
}

// start starts a container that goes on, and waits until its probe is content: its startup probe, which has so many tries,
// or else its readiness probe, which may fail for ever and has a minute here.
func (r *running) start(ctx context.Context, name string) error {
	c, err := r.container(name)
	if err != nil {
		return err
	}
	probe, tries := c.StartupProbe, 0
	if probe != nil {
		tries = int(probe.FailureThreshold)
	} else if probe = c.ReadinessProbe; probe != nil {
		tries = 60 / int(probe.PeriodSeconds)
	}
	cmd, err := r.command(ctx, name, nil, false)
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(r.dir, name+".log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	r.started = append(r.started, cmd)
	if probe == nil || probe.Exec == nil {
		return errors.New(name + " has no probe that runs a command")
	}
	for range tries {
		out, err := r.exec(ctx, name, probe.Exec.Command, false)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		fmt.Println("   the probe:", strings.TrimSpace(out))
		pause(ctx, time.Duration(probe.PeriodSeconds)*time.Second)
	}
	text, _ := os.ReadFile(log.Name())
	return fmt.Errorf("%s does not get ready: %s", name, text)
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// patience is how long a command may take.
const patience = 90 * time.Second

// exec runs a command in a container, as kubectl exec does: nil is what the manifest says.
func (r *running) exec(ctx context.Context, name string, args []string, own bool, env ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd, err := r.command(ctx, name, args, own, env...)
	if err != nil {
		return "", err
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// stop ends what goes on.
func (r *running) stop() {
	for _, cmd := range r.started {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}
	r.started = nil
}
