package rbac

// match tells whether an action pattern of a role, such as "Microsoft.Storage/*/read",
// covers an action. The whole action must match, without regard to letter case; "*" stands
// for any run of characters, slashes included. It does not allocate.
//
// Between two slashes the star may also stand for nothing at all, slash included, so that
// ".../userAssignedIdentities/*/read" covers ".../userAssignedIdentities/read": the
// built-in roles Managed Identity Operator and Key Vault Reader make sense only so
// (inferred; unverified).
func match(pattern, action string) bool {
	// The end first: it is the verb, and mostly differs.
	for n := len(pattern); n > 0 && pattern[n-1] != '*' && !segmentStar(pattern, n-2); n-- {
		m := len(action)
		if m == 0 || lower(pattern[n-1]) != lower(action[m-1]) {
			return false
		}
		pattern, action = pattern[:n-1], action[:m-1]
	}
	p, a := 0, 0
	// Where to take up again after a mismatch: behind the last star, with more of the
	// action given to it. Stars before the last need no second thought.
	resumeP, resumeA, bySegment := -1, 0, false
	for a < len(action) || p < len(pattern) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			if p == len(pattern)-1 {
				return true
			}
			bySegment = segmentStar(pattern, p)
			p++
			if bySegment {
				p++
			}
			resumeP, resumeA = p, a
		case p < len(pattern) && a < len(action) && lower(pattern[p]) == lower(action[a]):
			p++
			a++
		case resumeP >= 0 && resumeA < len(action):
			resumeA++
			for bySegment && resumeA < len(action) && action[resumeA-1] != '/' {
				resumeA++
			}
			if bySegment && action[resumeA-1] != '/' {
				return false
			}
			p, a = resumeP, resumeA
		default:
			return false
		}
	}
	return true
}

// segmentStar tells whether the character at i is a star between two slashes.
func segmentStar(pattern string, i int) bool {
	return i > 0 && i+1 < len(pattern) && pattern[i] == '*' && pattern[i-1] == '/' && pattern[i+1] == '/'
}

func matchAny(patterns []string, action string) bool {
	for _, pattern := range patterns {
		if match(pattern, action) {
			return true
		}
	}
	return false
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + ('a' - 'A')
	}
	return b
}
