module jurumudi.io/benchmarks

go 1.26
