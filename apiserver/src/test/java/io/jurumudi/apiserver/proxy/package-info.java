@NullMarked
package io.jurumudi.apiserver.proxy;

import org.jspecify.annotations.NullMarked;
