@NullMarked
package io.jurumudi.apiserver.authentication;

import org.jspecify.annotations.NullMarked;
