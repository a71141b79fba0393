@NullMarked
package io.jurumudi.scheduler;

import org.jspecify.annotations.NullMarked;
