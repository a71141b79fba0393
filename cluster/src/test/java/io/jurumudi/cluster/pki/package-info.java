@NullMarked
package io.jurumudi.cluster.pki;

import org.jspecify.annotations.NullMarked;
