@NullMarked
package io.jurumudi.kubelet.server;

import org.jspecify.annotations.NullMarked;
