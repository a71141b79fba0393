@NullMarked
package io.jurumudi.machinery.apply;

import org.jspecify.annotations.NullMarked;
