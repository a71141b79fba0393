@NullMarked
package io.jurumudi.machinery.names;

import org.jspecify.annotations.NullMarked;
