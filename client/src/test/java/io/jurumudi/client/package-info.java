@NullMarked
package io.jurumudi.client;

import org.jspecify.annotations.NullMarked;
