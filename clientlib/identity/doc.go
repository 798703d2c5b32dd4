// Package identity gets access tokens: for the identity of the machine that a program runs on, for a workload that a
// platform vouches for, and for an application with a secret or a certificate.
//
// Find chooses by what the environment says, and is right for most programs. The others are for those who know:
//
//	IMDS              a virtual machine or scale set, at 169.254.169.254
//	AppService        App Service, Functions, Container Apps
//	Arc               a server with the Azure Connected Machine agent
//	CloudShell        Azure Cloud Shell
//	ManagedIdentity   whichever of these four the environment names
//	WorkloadIdentity  a pod in Kubernetes, or whatever has a token file that Entra ID trusts
//	ClientSecret, ClientCertificate   an application
//
// A Credential keeps its tokens, itself: two of them share nothing, be they alike. It renews a token long before its
// end, in the background, while the old one still serves; callers that want the same token at the same time share
// one request; one that gives up does not end it for the others.
//
// Sources: "How to use managed identities on an Azure VM to acquire an access token", "How to use managed identities
// for App Service", "Authenticate against Azure resources with Azure Arc-enabled servers", "OAuth 2.0 client
// credentials flow", all Microsoft documentation.
package identity
