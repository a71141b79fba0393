module jurumudi.io/conformance/images

go 1.26
