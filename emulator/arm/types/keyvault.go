package types

func vaultVersions() []string {
	return []string{
		"2026-02-01", "2024-11-01", "2024-04-01-preview", "2023-07-01", "2023-02-01", "2022-11-01", "2022-07-01", "2021-11-01-preview", "2021-10-01",
		"2021-06-01-preview", "2021-04-01-preview", "2020-04-01-preview", "2019-09-01", "2018-02-14", "2018-02-14-preview", "2016-10-01", "2015-06-01",
	}
}

func vaults() Type {
	return Type{Namespace: "Microsoft.KeyVault", Name: "vaults", Versions: vaultVersions()}
}

func deletedVaults() Type {
	return Type{Namespace: "Microsoft.KeyVault", Name: "deletedVaults", Versions: vaultVersions(), Global: true}
}
