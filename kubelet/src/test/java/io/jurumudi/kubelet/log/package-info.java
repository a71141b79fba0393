@NullMarked
package io.jurumudi.kubelet.log;

import org.jspecify.annotations.NullMarked;
