@NullMarked
package io.jurumudi.cluster;

import org.jspecify.annotations.NullMarked;
