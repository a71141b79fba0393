@NullMarked
package io.jurumudi.machinery.patch;

import org.jspecify.annotations.NullMarked;
