module jurumudi.io/conformance/report

go 1.26
