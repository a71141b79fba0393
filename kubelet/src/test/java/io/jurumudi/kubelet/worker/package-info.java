@NullMarked
package io.jurumudi.kubelet.worker;

import org.jspecify.annotations.NullMarked;
