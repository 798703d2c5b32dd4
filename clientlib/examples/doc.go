// Package examples has the seven flows of the tutorial "Use a managed identity on a Linux VM to access Azure
// resources", each a program of fewer than forty lines of code that is meant to be copied.
//
// They run as they are on a machine of Azure's, in `linarite run`, and beside `linarite serve` with the variables of
// `linarite env`; -h lists the names that they take. Their tests run the same code in this process.
package examples
