@NullMarked
package io.jurumudi.cluster.join;

import org.jspecify.annotations.NullMarked;
