package emulator

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/linarite/linarite/emulator/reach/env"
)

// Env is an environment for child processes, in the form of os.Environ: this process's
// own without what would lead clients of Azure elsewhere, and with what leads them through
// a proxy into this world and makes them trust it. The first call serves the world on free
// ports of 127.0.0.1, and writes a certificate bundle and a private folder for az; all that
// ends with the world.
//
// What heeds no proxy variables is not led anywhere: see "Ways in" in the README.
func (e *Emulator) Env() []string {
	e.test.Helper()
	s := &e.served
	s.mu.Lock()
	ready := s.env
	s.mu.Unlock()
	if ready == nil {
		var err error
		if ready, err = e.makeEnv(); err != nil {
			e.fatal("Env: %v", err)
			return nil
		}
	}
	return slices.Clone(ready)
}

func (e *Emulator) makeEnv() (ready []string, err error) {
	server, err := e.Serve(ServeOptions{HTTPSPort: NoPort, BlobPort: NoPort, Offline: true})
	if err != nil {
		return nil, err
	}
	authority, err := e.authorityPEM()
	if err != nil {
		return nil, err
	}
	private, err := os.MkdirTemp("", "linarite-env-")
	if err != nil {
		return nil, err
	}
	paths, err := prepare(private, env.Bundle(os.Environ(), os.ReadFile, authority), e.world.Cloud.CLIName)
	if err != nil {
		_ = os.RemoveAll(private)
		return nil, err
	}
	vars := env.Proxy(env.ProxyOptions{
		URL: server.URL, Bundle: paths.Bundle, TrustStore: paths.TrustStore, JavaToolOptions: env.JavaToolOptions(os.Environ()), IdentityHeader: e.secret, AzureConfigDir: filepath.Clean(paths.AzureConfigDir),
	})
	ready = env.Overlay(env.Scrub(os.Environ(), nil), vars)
	s := &e.served
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.env == nil && !s.closed {
		s.env, s.private = ready, private
		return ready, nil
	}
	return s.env, os.RemoveAll(private) // another call was quicker; the world has two servers then
}
