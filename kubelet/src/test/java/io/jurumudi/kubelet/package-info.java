@NullMarked
package io.jurumudi.kubelet;

import org.jspecify.annotations.NullMarked;
