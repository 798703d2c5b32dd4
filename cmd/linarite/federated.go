package main

import (
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// federatedBody is what the control API takes for a token of another issuer.
type federatedBody struct {
	Issuer   string `json:"issuer,omitempty"`
	Subject  string `json:"subject,omitempty"`
	Audience string `json:"audience,omitempty"`
	Lifetime string `json:"lifetime,omitempty"`
	ClientID string `json:"clientId,omitempty"`
}

// lineEnd ends what people read. A file of a token has none: clients send what the file has.
func lineEnd(out io.Writer) string {
	if f, ok := out.(*os.File); ok && !term.IsTerminal(int(f.Fd())) {
		return ""
	}
	return "\n"
}

func newFederatedToken() *cobra.Command {
	var body federatedBody
	cmd := &cobra.Command{
		Use:   "federated-token",
		Short: "Print a token of another issuer, as Kubernetes gives it to a pod",
		Long: `Print a token of another issuer: what a Kubernetes cluster projects into a pod, or GitHub
gives to a workflow. Entra ID takes it for a login where a federated credential of a
user-assigned identity, or of an application, trusts its issuer, subject and audience.

What is left out is taken from the one federated credential of the world that fits the
rest. The world signs for every issuer but those whose keys its file names, those that publish
theirs in its Blob storage, and Entra ID itself.`,
		Example: `  # be the pod: then DefaultAzureCredential and az login --federated-token work
  linarite federated-token > token
  export AZURE_FEDERATED_TOKEN_FILE=$PWD/token AZURE_CLIENT_ID=… AZURE_TENANT_ID=…

  # another service account, which is refused with AADSTS700213
  linarite federated-token --subject system:serviceaccount:default:other --issuer https://…`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var made struct {
				Token string `json:"token"`
			}
			if err := control(cmd).call(http.MethodPost, "federated-tokens", body, &made); err != nil {
				return err
			}
			_, err := fmt.Fprint(cmd.OutOrStdout(), made.Token, lineEnd(cmd.OutOrStdout()))
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&body.Issuer, "issuer", "", "who issues it: the claim iss, exactly")
	f.StringVar(&body.Subject, "subject", "", "whom it is about: the claim sub, as system:serviceaccount:NAMESPACE:NAME")
	f.StringVar(&body.Audience, "audience", "", "whom it is for: the claim aud (default: as the credential has it)")
	f.StringVar(&body.Lifetime, "lifetime", "", "how long it is good, such as 10m (default 1h)")
	f.StringVar(&body.ClientID, "client-id", "", "client id of the identity or application whose credentials are meant")
	addURL(cmd)
	return cmd
}
