module jurumudi.io/conformance/twin

go 1.26
