// The /bin/sh of the busybox image. Tests run `sh -c env` and look for variables such as data-1;
// the ash of busybox before 1.36 drops names that no shell would take. So env is run at once, and
// everything else by busybox's own sh, whose words for errors tests know.
package main

import (
	"os"
	"syscall"
)

const busybox = "/bin/busybox"

func main() {
	arguments := os.Args // whose first is the name that busybox's sh gives itself in errors
	if len(os.Args) == 3 && os.Args[1] == "-c" && os.Args[2] == "env" {
		arguments = []string{"env"}
	}
	err := syscall.Exec(busybox, arguments, os.Environ())
	os.Stderr.WriteString("sh: " + busybox + ": " + err.Error() + "\n")
	os.Exit(127)
}
