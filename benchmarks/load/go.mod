module jurumudi.io/benchmarks/load

go 1.26
