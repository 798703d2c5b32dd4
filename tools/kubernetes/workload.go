package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// Addresses of pods, such as a cluster hands out.
const (
	linariteAddress = "10.244.0.10"
	appAddress      = "10.244.0.11"
)

// cluster is what the story of the workload identity needs of one.
type cluster struct {
	p        *player
	m        *manifest
	objects  *objects
	issuer   *issuer
	linarite *running
	app      *running
}

func (p *player) workload(ctx context.Context) error {
	c := &cluster{p: p}
	if err := c.start(ctx); err != nil {
		return err
	}
	defer c.linarite.stop()
	if err := c.app.says(ctx, "the app of the manifest", "app", nil, false, blobText, secretText); err != nil {
		return err
	}
	for _, part := range []func(context.Context) error{c.clients, c.refusals, c.restarts, c.isolation} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// start makes the cluster: its issuer, what the comment of the manifest makes by hand, and both pods.
func (c *cluster) start(ctx context.Context) error {
	err := step("the cluster: its keys, what kubectl create makes, a bridge", func() (out string, err error) {
		if c.m, err = load(filepath.Join(c.p.checkout, "deploy/kubernetes/workload-identity.yaml")); err != nil {
			return "", err
		}
		if err = c.byHand(ctx); err != nil {
			return "", err
		}
		return "issuer " + c.issuer.url, all(ctx, "ip netns add bridge", "ip -n bridge link add br0 type bridge", "ip -n bridge link set br0 up")
	})
	if err != nil {
		return err
	}
	err = step("linarite, behind its Service, until the readiness probe is content", func() (string, error) {
		if err := linked(ctx, "linarite", linariteAddress); err != nil {
			return "", err
		}
		name, pod := c.m.behind(c.m.services["linarite"])
		if name != "deploy/linarite" {
			return "", fmt.Errorf("the Service leads to %s", name)
		}
		if err := c.p.leads(ctx, "linarite", "unreachable"); err != nil {
			return "", err
		}
		if c.linarite, err = c.p.pod("linarite", c.m, pod, c.objects); err != nil {
			return "", err
		}
		return "", c.linarite.start(ctx, "linarite")
	})
	if err != nil {
		return err
	}
	return step("the app's pod", func() (string, error) {
		if err := linked(ctx, "app", appAddress); err != nil {
			return "", err
		}
		if err := service(ctx, "app", c.m.services["linarite"], c.linarite.pod, linariteAddress); err != nil {
			return "", err
		}
		if c.app, err = c.p.pod("app", c.m, c.m.pods["app"], c.objects); err != nil {
			return "", err
		}
		return "", c.p.leads(ctx, "app", "unreachable")
	})
}

// byHand makes what the comment at the top of the manifest has typed.
func (c *cluster) byHand(ctx context.Context) error {
	var world struct {
		Issuers []struct {
			URL string `json:"url"`
		} `json:"issuers"`
	}
	if err := yaml.Unmarshal([]byte(c.m.configs["linarite-world"].Data["world.yaml"]), &world); err != nil {
		return err
	}
	if len(world.Issuers) != 1 {
		return fmt.Errorf("the world has %d issuers", len(world.Issuers))
	}
	var err error
	if c.issuer, err = newIssuer(world.Issuers[0].URL); err != nil {
		return err
	}
	keys, err := c.issuer.keys()
	if err != nil {
		return err
	}
	home := filepath.Join(c.p.tmp, "cluster-keys")
	if _, err := command(ctx, filepath.Join(c.p.checkout, "bin/linarite"), "ca", "path", "--home", home); err != nil {
		return err
	}
	files, err := os.ReadDir(home)
	if err != nil {
		return err
	}
	secret := map[string]string{}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(home, f.Name()))
		if err != nil {
			return err
		}
		secret[f.Name()] = string(data)
	}
	c.objects = c.m.objects()
	c.objects.secrets["linarite-keys"] = secret
	c.objects.configs["cluster-issuer"] = map[string]string{"jwks.json": keys}
	c.objects.token = func(audience string, seconds int64) (string, error) {
		return c.token(c.issuer, "", audience, 0, seconds)
	}
	return nil
}

// token is one for a pod's service account; name is another's, and age how long ago it was signed.
func (c *cluster) token(by *issuer, name, audience string, age time.Duration, seconds int64) (string, error) {
	if name == "" {
		name = c.m.pods["app"].Spec.ServiceAccountName
	}
	return by.sign(account{namespace: "default", name: name, pod: "app", audience: audience, from: time.Now().Add(-age), seconds: seconds})
}

// clients have the environment of the app's container, and are no other programs than in a cluster of Azure's.
func (c *cluster) clients(ctx context.Context) error {
	if err := c.p.sdks(ctx, c.app); err != nil {
		return err
	}
	if !c.p.missing(c.p.python, "Python: WorkloadIdentityCredential") {
		if err := c.app.says(ctx, "Python: WorkloadIdentityCredential alone", "app", []string{c.p.python, "/clients/client.py", "workload"}, true, blobText, secretText); err != nil {
			return err
		}
	}
	if !c.p.missing(c.p.kubelogin, "kubelogin") {
		args := []string{c.p.kubelogin, "get-token", "--login", "workloadidentity", "--server-id", "6dae42f8-4368-4678-94ff-3960e28e3630", "--cache-dir", "/tmp/kubelogin"}
		err := step("kubelogin get-token, for the API server of an AKS cluster", func() (string, error) {
			out, err := c.app.exec(ctx, "app", args, true)
			if err != nil {
				return out, err
			}
			return credential(out)
		})
		if err != nil {
			return err
		}
	}
	if c.p.missing(c.p.az, "az") {
		return nil
	}
	const login = `set -eu
export AZURE_CONFIG_DIR=/tmp/az AZURE_CORE_COLLECT_TELEMETRY=no
"$0" login --service-principal --username "$AZURE_CLIENT_ID" --tenant "$AZURE_TENANT_ID" --federated-token "$(cat "$AZURE_FEDERATED_TOKEN_FILE")" --allow-no-subscriptions --output none
"$0" storage blob download --auth-mode login --account-name clusterstore --container-name files --name hello.txt --file /tmp/hello.txt --no-progress --output none
cat /tmp/hello.txt
"$0" keyvault secret show --vault-name clustervault --name greeting --query value --output tsv`
	return c.app.says(ctx, "az login --federated-token, a blob, a secret", "app", []string{"sh", "-c", login, c.p.az}, true, blobText, secretText)
}

// credential is what kubectl would take from kubelogin, in short.
func credential(out string) (string, error) {
	var e struct {
		Kind   string `json:"kind"`
		Status struct {
			Token               string `json:"token"`
			ExpirationTimestamp string `json:"expirationTimestamp"`
		} `json:"status"`
	}
	if err := json.Unmarshal([]byte(out), &e); err != nil || e.Kind != "ExecCredential" || strings.Count(e.Status.Token, ".") != 2 {
		return out, fmt.Errorf("it prints no credential (%w)", err)
	}
	return "a token until " + e.Status.ExpirationTimestamp, nil
}

// rotate puts another token into the app's volume, as the kubelet does.
func (c *cluster) rotate(token func(audience string, seconds int64) (string, error)) error {
	o := *c.objects
	if token != nil {
		o.token = token
	}
	for _, v := range c.app.pod.Spec.Volumes {
		if v.Name == "azure-identity-token" {
			return o.volume(v, c.app.pod, c.app.volume(v.Name))
		}
	}
	return errors.New("the pod has no volume azure-identity-token")
}

// refusals are tokens that the federated credential does not fit, or that are not what they say.
func (c *cluster) refusals(ctx context.Context) error {
	other, err := newIssuer("https://another.cluster.example")
	if err != nil {
		return err
	}
	forger, err := newIssuer(c.issuer.url)
	if err != nil {
		return err
	}
	forger.id = c.issuer.id
	for _, wrong := range []struct {
		what, code string
		token      func(audience string, seconds int64) (string, error)
	}{
		{"the token of another service account", "AADSTS700213", func(a string, s int64) (string, error) { return c.token(c.issuer, "other", a, 0, s) }},
		{"the token of another cluster", "AADSTS700211", func(a string, s int64) (string, error) { return c.token(other, "", a, 0, s) }},
		{"a token for another audience", "AADSTS700212", func(_ string, s int64) (string, error) {
			return c.token(c.issuer, "", "https://kubernetes.default.svc", 0, s)
		}},
		{"a token of two hours ago", "AADSTS700024", func(a string, s int64) (string, error) { return c.token(c.issuer, "", a, 2*time.Hour, s) }},
		{"a token that another key has signed", "AADSTS50013", func(a string, s int64) (string, error) { return c.token(forger, "", a, 0, s) }},
	} {
		if err := c.rotate(wrong.token); err != nil {
			return err
		}
		if err := c.app.refused(ctx, wrong.what, "app", nil, wrong.code); err != nil {
			return err
		}
	}
	if err := c.linarite.says(ctx, "kubectl exec deploy/linarite -- /linarite explain last", "linarite", []string{"/linarite", "explain", "last"}, false, "The token says of itself"); err != nil {
		return err
	}
	if err := c.rotate(nil); err != nil {
		return err
	}
	return c.app.says(ctx, "a good token again, in the same file", "app", nil, false, blobText)
}

// restarts shows what the keys are in a Secret for: an app goes on trusting whoever has them.
func (c *cluster) restarts(ctx context.Context) error {
	err := step("linarite ends, and starts again in the same pod", func() (string, error) {
		c.linarite.stop()
		return "", c.linarite.start(ctx, "linarite")
	})
	if err != nil {
		return err
	}
	return c.app.says(ctx, "the app trusts it as before", "app", nil, false, blobText, secretText)
}

// isolation shows what the pods cannot do.
func (c *cluster) isolation(ctx context.Context) error {
	if err := c.app.says(ctx, "what is not served is refused, nothing else answers", "app", []string{"outside"}, false, "does not resolve"); err != nil {
		return err
	}
	const control = `curl -sS --max-time 5 --connect-to localhost:4280:10.244.0.10:4280 http://localhost:4280/_linarite/v1/clock || test $? = 7; curl -ksS --max-time 5 --connect-to localhost:443:10.244.0.10:8443 https://localhost/_linarite/v1/clock`
	if err := c.app.says(ctx, "the control API does not answer the app", "app", []string{"sh", "-ec", control}, true, "answers callers on its own host"); err != nil {
		return err
	}
	if err := c.app.says(ctx, "the app sees the certificate, and no key", "app", []string{"sh", "-ec", `test "$(ls /trust)" = ca.pem; ls -lL /trust`}, true, "ca.pem"); err != nil {
		return err
	}
	return c.linarite.has("Uid:\t65532", "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000")
}
