@NullMarked
package io.jurumudi.kubelet.volume;

import org.jspecify.annotations.NullMarked;
