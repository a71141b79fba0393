/** From bytes to objects and back: JSON, protobuf, YAML and plain trees. */
@NullMarked
package io.jurumudi.machinery.codec;

import org.jspecify.annotations.NullMarked;
