@NullMarked
package io.jurumudi.network;

import org.jspecify.annotations.NullMarked;
