/** The functions that Kubernetes adds to the language. Facts: k8s.io/apiserver pkg/cel/library. */
@NullMarked
package io.jurumudi.apiserver.cel.library;

import org.jspecify.annotations.NullMarked;
