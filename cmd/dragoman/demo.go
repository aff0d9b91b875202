package main

import "errors"

type demoCmd struct{}

func (*demoCmd) Run(i *invocation) error { return errors.New("demo: not wired yet") }
