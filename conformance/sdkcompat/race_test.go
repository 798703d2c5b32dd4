//go:build race

package sdkcompat

const raceDetector = true
