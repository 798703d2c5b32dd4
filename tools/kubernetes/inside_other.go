//go:build !linux

package main

import "errors"

func inside(string) error { return errors.New("this takes Linux") }
