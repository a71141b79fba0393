/** The three ways to patch: JSON patch, JSON merge patch, strategic merge patch. */
@NullMarked
package io.jurumudi.machinery.patch;

import org.jspecify.annotations.NullMarked;
