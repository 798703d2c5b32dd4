package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// manifest is what a file describes, by name.
type manifest struct {
	configs  map[string]corev1.ConfigMap
	pods     map[string]corev1.Pod // those of a Deployment too, by its name with "deploy/" in front
	services map[string]corev1.Service
	accounts map[string]corev1.ServiceAccount
}

// manifests are the files of a folder.
func manifests(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("there is no manifest in %s", dir)
	}
	return files, err
}

func load(file string) (*manifest, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	m := &manifest{map[string]corev1.ConfigMap{}, map[string]corev1.Pod{}, map[string]corev1.Service{}, map[string]corev1.ServiceAccount{}}
	for i, part := range bytes.Split(text, []byte("\n---\n")) {
		if err := m.add(part); err != nil {
			return nil, fmt.Errorf("%s: document %d: %w", file, i+1, err)
		}
	}
	return m, nil
}

func (m *manifest) add(part []byte) error {
	var kind metav1.TypeMeta
	if err := yaml.Unmarshal(part, &kind); err != nil {
		return err
	}
	switch what := kind.APIVersion + " " + kind.Kind; what {
	case "v1 ConfigMap":
		return strict(part, m.configs, func(c corev1.ConfigMap) string { return c.Name })
	case "v1 Service":
		return strict(part, m.services, func(s corev1.Service) string { return s.Name })
	case "v1 ServiceAccount":
		return strict(part, m.accounts, func(s corev1.ServiceAccount) string { return s.Name })
	case "v1 Pod":
		return strict(part, m.pods, func(p corev1.Pod) string { return p.Name })
	case "apps/v1 Deployment":
		found := map[string]appsv1.Deployment{}
		err := strict(part, found, func(d appsv1.Deployment) string { return d.Name })
		for name, d := range found {
			m.pods["deploy/"+name] = corev1.Pod{ObjectMeta: d.Spec.Template.ObjectMeta, Spec: d.Spec.Template.Spec}
			for key, value := range d.Spec.Selector.MatchLabels {
				if d.Spec.Template.Labels[key] != value {
					err = errors.Join(err, fmt.Errorf("the Deployment %s does not select its own pods", name))
				}
			}
		}
		return err
	default:
		return fmt.Errorf("%q is nothing that is played", what)
	}
}

// strict reads an object, and refuses what its type does not have.
func strict[T any](part []byte, into map[string]T, name func(T) string) error {
	var object T
	if err := yaml.UnmarshalStrict(part, &object); err != nil {
		return err
	}
	if name(object) == "" {
		return errors.New("it has no name")
	}
	into[name(object)] = object
	return nil
}

// byHand are the objects that the comment of a manifest, and docs/kubernetes.md, have made by kubectl create.
func byHand() []string { return []string{"configmap cluster-issuer", "secret linarite-keys"} }

// check looks for what strict types cannot tell: names that lead nowhere.
func (m *manifest) check() error {
	var errs []error
	there := func(kind, name string, known bool) {
		if !known && !slices.Contains(byHand(), kind+" "+name) {
			errs = append(errs, fmt.Errorf("there is no %s %s", kind, name))
		}
	}
	for _, pod := range m.pods {
		volumes := map[string]bool{}
		for _, v := range pod.Spec.Volumes {
			volumes[v.Name] = true
			for _, name := range configsOf(v) {
				_, known := m.configs[name]
				there("configmap", name, known)
			}
			if v.Secret != nil {
				there("secret", v.Secret.SecretName, false)
			}
		}
		for _, c := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
			for _, mount := range c.VolumeMounts {
				there("volume", mount.Name, volumes[mount.Name])
			}
			if !strings.HasSuffix(c.Image, ":dev") {
				errs = append(errs, fmt.Errorf("the image %s is none that this repository makes", c.Image))
			}
		}
		if name := pod.Spec.ServiceAccountName; name != "" {
			_, known := m.accounts[name]
			there("serviceaccount", name, known)
		}
	}
	for name, s := range m.services {
		if pod, _ := m.behind(s); pod == "" {
			errs = append(errs, fmt.Errorf("the Service %s selects no pod", name))
		}
	}
	return errors.Join(errs...)
}

func configsOf(v corev1.Volume) []string {
	var names []string
	if v.ConfigMap != nil {
		names = append(names, v.ConfigMap.Name)
	}
	if v.Projected != nil {
		for _, s := range v.Projected.Sources {
			if s.ConfigMap != nil {
				names = append(names, s.ConfigMap.Name)
			}
		}
	}
	return names
}

// behind is the pod that a Service leads to.
func (m *manifest) behind(s corev1.Service) (string, corev1.Pod) {
	for name, pod := range m.pods {
		fits := len(s.Spec.Selector) > 0
		for key, value := range s.Spec.Selector {
			fits = fits && pod.Labels[key] == value
		}
		if fits {
			return name, pod
		}
	}
	return "", corev1.Pod{}
}

func (m *manifest) String() string {
	return fmt.Sprintf("%d pods, %d config maps, %d services, %d service accounts", len(m.pods), len(m.configs), len(m.services), len(m.accounts))
}
