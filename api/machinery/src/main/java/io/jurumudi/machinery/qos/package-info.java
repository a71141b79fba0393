/** Quality of service of pods. */
@NullMarked
package io.jurumudi.machinery.qos;

import org.jspecify.annotations.NullMarked;
