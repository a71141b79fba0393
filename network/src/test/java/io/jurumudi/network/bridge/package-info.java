@NullMarked
package io.jurumudi.network.bridge;

import org.jspecify.annotations.NullMarked;
