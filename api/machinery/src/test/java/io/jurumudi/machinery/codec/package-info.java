@NullMarked
package io.jurumudi.machinery.codec;

import org.jspecify.annotations.NullMarked;
