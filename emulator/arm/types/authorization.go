package types

func assignmentVersions() []string {
	return []string{
		"2022-04-01", "2020-10-01-preview", "2020-08-01-preview", "2020-04-01-preview", "2020-03-01-preview", "2018-12-01-preview",
		"2018-09-01-preview", "2018-07-01", "2018-01-01-preview", "2017-10-01-preview", "2015-07-01", "2015-06-01", "2014-10-01-preview",
	}
}

func roleAssignments() Type {
	return Type{Namespace: "Microsoft.Authorization", Name: "roleAssignments", Versions: assignmentVersions(), Global: true}
}

func roleDefinitions() Type {
	return Type{
		Namespace: "Microsoft.Authorization", Name: "roleDefinitions", Global: true,
		Versions: []string{"2023-07-01-preview", "2022-05-01-preview", "2022-04-01", "2018-07-01", "2018-01-01-preview", "2015-07-01", "2015-06-01", "2014-10-01-preview"},
	}
}

func permissions() Type {
	return Type{Namespace: "Microsoft.Authorization", Name: "permissions", Versions: []string{"2022-04-01", "2018-07-01", "2018-01-01-preview", "2015-07-01"}, Global: true}
}

func denyAssignments() Type {
	return Type{Namespace: "Microsoft.Authorization", Name: "denyAssignments", Versions: []string{"2022-04-01", "2018-07-01-preview"}, Global: true}
}

func classicAdministrators() Type {
	return Type{Namespace: "Microsoft.Authorization", Name: "classicAdministrators", Versions: []string{"2015-07-01", "2015-06-01", "2014-10-01-preview"}, Global: true}
}
