@NullMarked
package io.jurumudi.machinery.selectors;

import org.jspecify.annotations.NullMarked;
