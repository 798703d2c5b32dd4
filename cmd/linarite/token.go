package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"
)

func newToken() *cobra.Command {
	var resource, clientID string
	var decode bool
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Print the token that a client on the machine would get",
		Example: `  linarite token
  linarite token --resource https://storage.azure.com/ --decode`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c := control(cmd)
			if resource == "" {
				var w struct {
					ARM string `json:"armEndpoint"`
				}
				if _, err := c.getJSON("way", &w); err != nil {
					return err
				}
				resource = strings.TrimSuffix(w.ARM, "/") + "/"
			}
			q := url.Values{"api-version": {"2018-02-01"}, "resource": {resource}}
			if clientID != "" {
				q.Set("client_id", clientID)
			}
			body, status, err := c.get("/metadata/identity/oauth2/token?"+q.Encode(), http.Header{"Metadata": {"true"}})
			if err != nil {
				return err
			}
			return printToken(cmd.OutOrStdout(), body, status, decode)
		},
	}
	cmd.Flags().StringVar(&resource, "resource", "", "audience of the token (default: the cloud's Resource Manager)")
	cmd.Flags().StringVar(&clientID, "client-id", "", "client id of a user-assigned identity")
	cmd.Flags().BoolVar(&decode, "decode", false, "print the header and the claims instead")
	addURL(cmd)
	return cmd
}

func printToken(out io.Writer, body []byte, status int, decode bool) error {
	var answer struct {
		Token       string `json:"access_token"`
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || status != http.StatusOK {
		return fmt.Errorf("no token (%d): %s: %s", status, answer.Error, answer.Description)
	}
	if !decode {
		_, err := fmt.Fprintln(out, answer.Token)
		return err
	}
	parts := strings.Split(answer.Token, ".")
	if len(parts) != 3 {
		return errors.New("the token is not a JSON Web Token")
	}
	for _, part := range parts[:2] {
		raw, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			return err
		}
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, raw, "", "  "); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, pretty.String()); err != nil {
			return err
		}
	}
	return nil
}
