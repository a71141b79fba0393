@NullMarked
package io.jurumudi.kubelet.probe;

import org.jspecify.annotations.NullMarked;
