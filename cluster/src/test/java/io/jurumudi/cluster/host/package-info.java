@NullMarked
package io.jurumudi.cluster.host;

import org.jspecify.annotations.NullMarked;
