@NullMarked
package io.jurumudi.network.dns;

import org.jspecify.annotations.NullMarked;
