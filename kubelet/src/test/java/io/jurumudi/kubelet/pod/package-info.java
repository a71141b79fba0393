@NullMarked
package io.jurumudi.kubelet.pod;

import org.jspecify.annotations.NullMarked;
