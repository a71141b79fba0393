@NullMarked
package io.jurumudi.http;

import org.jspecify.annotations.NullMarked;
