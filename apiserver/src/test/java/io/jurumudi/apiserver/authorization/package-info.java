@NullMarked
package io.jurumudi.apiserver.authorization;

import org.jspecify.annotations.NullMarked;
