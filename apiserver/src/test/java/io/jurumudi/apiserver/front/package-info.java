@NullMarked
package io.jurumudi.apiserver.front;

import org.jspecify.annotations.NullMarked;
