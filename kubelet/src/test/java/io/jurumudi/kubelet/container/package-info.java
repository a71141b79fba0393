@NullMarked
package io.jurumudi.kubelet.container;

import org.jspecify.annotations.NullMarked;
