package cloud_test

import (
	"flag"
	"fmt"

	"github.com/linarite/linarite/clientlib/cloud"
)

func ExampleByName() {
	c, known := cloud.ByName("China")
	fmt.Println(c.Login, known)
	// Output: https://login.chinacloudapi.cn true
}

// A flag names a cloud.
func ExampleCloud_UnmarshalText() {
	var c cloud.Cloud
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.TextVar(&c, "cloud", cloud.Public(), "public, china or usgov")
	err := flags.Parse([]string{"-cloud", "usgov"})
	fmt.Println(c.Login, err)
	fmt.Println(c.UnmarshalText([]byte("mars")))
	// Output:
	// https://login.microsoftonline.us <nil>
	// "mars" is no cloud: want public, china or usgov
}

func ExampleAll() {
	for _, c := range cloud.All() {
		fmt.Println(c.Name, c.ARM)
	}
	// Output:
	// public https://management.azure.com
	// china https://management.chinacloudapi.cn
	// usgov https://management.usgovcloudapi.net
}

func ExampleCloud_Blob() {
	fmt.Println(cloud.Public().Blob("tutorialstore"))
	fmt.Println(cloud.China().Blob("tutorialstore"))
	// Output:
	// https://tutorialstore.blob.core.windows.net
	// https://tutorialstore.blob.core.chinacloudapi.cn
}

func ExampleCloud_Vault() {
	fmt.Println(cloud.USGov().Vault("my-vault"))
	// Output: https://my-vault.vault.usgovcloudapi.net
}
