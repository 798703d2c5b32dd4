package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// file is one of a volume, as the kubelet makes it.
type file struct {
	data     string
	mode     os.FileMode
	uid, gid int
}

// objects are what volumes take their files from.
type objects struct {
	configs, secrets map[string]map[string]string
	// token is the token of a service account, for an audience and so many seconds.
	token func(audience string, seconds int64) (string, error)
}

// volume makes one of a pod's volumes in dir.
func (o *objects) volume(v corev1.Volume, pod corev1.Pod, dir string) error {
	if v.EmptyDir != nil {
		if err := os.Mkdir(dir, 0o777); err != nil {
			return err
		}
		return os.Chmod(dir, 0o777) //nolint:gosec // as the kubelet does
	}
	files := map[string]file{}
	var err error
	switch {
	case v.ConfigMap != nil:
		err = take(files, "configmap "+v.ConfigMap.Name, o.configs[v.ConfigMap.Name], v.ConfigMap.Items, v.ConfigMap.DefaultMode)
	case v.Secret != nil:
		err = take(files, "secret "+v.Secret.SecretName, o.secrets[v.Secret.SecretName], v.Secret.Items, v.Secret.DefaultMode)
	case v.Projected != nil:
		err = o.projected(v.Projected, pod, files)
	default:
		err = errors.New("this kind of volume is not played")
	}
	if err == nil {
		err = writeVolume(dir, files, pod.Spec.SecurityContext)
	}
	if err != nil {
		return fmt.Errorf("volume %s: %w", v.Name, err)
	}
	return nil
}

func (o *objects) projected(p *corev1.ProjectedVolumeSource, pod corev1.Pod, files map[string]file) error {
	for _, s := range p.Sources {
		var err error
		switch {
		case s.ConfigMap != nil:
			err = take(files, "configmap "+s.ConfigMap.Name, o.configs[s.ConfigMap.Name], s.ConfigMap.Items, p.DefaultMode)
		case s.ServiceAccountToken != nil:
			var token string
			token, err = o.token(s.ServiceAccountToken.Audience, *s.ServiceAccountToken.ExpirationSeconds)
			// A pod whose containers all have one user gets the file for that user alone.
			files[s.ServiceAccountToken.Path] = file{data: token, mode: 0o600, uid: int(*pod.Spec.SecurityContext.RunAsUser)}
		default:
			err = errors.New("this source is not played")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// take puts the keys of an object into files: all, or those of items.
func take(files map[string]file, what string, data map[string]string, items []corev1.KeyToPath, mode *int32) error {
	if data == nil {
		return fmt.Errorf("there is no %s", what)
	}
	if items == nil {
		for _, key := range slices.Sorted(maps.Keys(data)) {
			items = append(items, corev1.KeyToPath{Key: key, Path: key})
		}
	}
	perm := os.FileMode(0o644)
	if mode != nil {
		perm = os.FileMode(*mode) //nolint:gosec // nine bits
	}
	for _, item := range items {
		text, known := data[item.Key]
		if !known {
			return fmt.Errorf("%s has no %s", what, item.Key)
		}
		files[item.Path] = file{data: text, mode: perm}
	}
	return nil
}

// writeVolume lays files out as the kubelet does, so that it can exchange all at once: each is a link into ..data, which is
// a link to a folder with a time for a name. With fsGroup all files are readable by that group.
func writeVolume(dir string, files map[string]file, security *corev1.PodSecurityContext) error {
	const stamp = "..2026_01_01_00_00_00.0"
	if err := os.MkdirAll(filepath.Join(dir, stamp), 0o755); err != nil {
		return err
	}
	_ = os.Remove(filepath.Join(dir, "..data")) // from before
	if err := os.Symlink(stamp, filepath.Join(dir, "..data")); err != nil {
		return err
	}
	for name, f := range files {
		if security != nil && security.FSGroup != nil {
			f.gid, f.mode = int(*security.FSGroup), f.mode|0o440
		}
		at := filepath.Join(dir, stamp, name)
		err := os.WriteFile(at, []byte(f.data), f.mode)
		if err = errors.Join(err, os.Chmod(at, f.mode), os.Chown(at, f.uid, f.gid)); err != nil {
			return err
		}
		if link := filepath.Join(dir, name); !exists(link) {
			if err := os.Symlink(filepath.Join("..data", name), link); err != nil {
				return err
			}
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
