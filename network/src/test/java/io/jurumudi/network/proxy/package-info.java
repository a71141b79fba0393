@NullMarked
package io.jurumudi.network.proxy;

import org.jspecify.annotations.NullMarked;
