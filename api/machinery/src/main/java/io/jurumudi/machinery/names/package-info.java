/** The rules for names, labels and annotations, with the explanations that Kubernetes gives. */
@NullMarked
package io.jurumudi.machinery.names;

import org.jspecify.annotations.NullMarked;
