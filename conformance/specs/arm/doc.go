// Package arm has the specs of Azure Resource Manager.
package arm
