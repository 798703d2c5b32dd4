// Package imds has the specs of the metadata service's tokens and of App Service's.
package imds
